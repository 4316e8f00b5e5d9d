import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examinePeer } from '../../certs/peer-policy.ts';
import { systemClock } from '../../core/base/clock.ts';
import { badCertificates, make } from '../support/bad-certificates.ts';
import { exchange, MutualServer, pull } from '../support/mutual-server.ts';
import { Pki } from '../support/pki.ts';

let pki: Pki;
let other: Pki;
let server: MutualServer;
beforeAll(async () => {
  [pki, other] = await Promise.all([Pki.create(), Pki.create()]);
  server = await MutualServer.start(pki, await pki.identity('430000', 'hub', ['localhost']));
});
afterAll(() => server.close());

describe('each bad certificate is refused with its reason and none reaches a handler', () => {
  it.each(badCertificates)('$name: $refusal', async (bad) => {
    const material = await make(pki, other, bad);
    server.handled.length = 0;
    const client = server.client(pki, material);
    const outcome = await exchange(pull(client));
    client.close();
    expect(server.handled).toEqual([]);
    if (bad.refusal === 'path') {
      expect(outcome).toMatchObject({ code: 'TB1340' });
    } else {
      expect(outcome).toMatchObject({ code: 'TB1301', parameters: { reason: bad.refusal } });
    }
  });
});

describe('the peer policy', () => {
  const policy = (changes = {}) => ({
    trustDomain: 'hunan.example',
    nowMs: systemClock.nowMs(),
    revoked: new Set<string>(),
    ...changes,
  });

  it('accepts what the authority issues, for every role, with or without host names', async () => {
    for (const grant of [
      'gate',
      'node',
      'hub',
      'officer/a',
      'operator/a',
      'auditor/a',
      'city',
      'city/a',
      'business/h',
    ]) {
      for (const hosts of grant.length < 5 && grant !== 'city'
        ? [[], ['a.example', '10.0.0.1', '::1']]
        : [[]]) {
        const { material, fingerprint } = await pki.identity('430121', grant, hosts);
        const [role, name = ''] = grant.split('/');
        const peer = examinePeer(material.chain[0] ?? Buffer.alloc(0), policy());
        expect(peer).toEqual({ trustDomain: 'hunan.example', site: '430121', role, name, fingerprint });
      }
    }
  });

  it('refuses what was revoked or has expired since the connection was made', async () => {
    const { material, fingerprint } = await pki.identity('430121', 'node');
    const [der = Buffer.alloc(0)] = material.chain;
    const nowMs = systemClock.nowMs();
    expect(examinePeer(der, policy({ revoked: new Set([fingerprint]) }))).toEqual({ refusal: 'revoked' });
    expect(examinePeer(der, policy({ nowMs: nowMs + 30.1 * 86_400_000 }))).toEqual({ refusal: 'expired' });
    expect(examinePeer(der, policy({ nowMs: nowMs - 700_000 }))).toEqual({ refusal: 'not-yet-valid' });
    expect(examinePeer(der, policy({ trustDomain: 'hubei.example' }))).toEqual({ refusal: 'uri-domain' });
  });

  it('has its own reason also where OpenSSL refuses already', async () => {
    const reasons: Record<string, string> = {
      'serverAuth alone': 'extended-key-usage',
      'codeSigning alone': 'extended-key-usage',
      'key usage of an authority': 'key-usage',
      'a secp256k1 key': 'key',
      expired: 'expired',
      'not yet valid': 'not-yet-valid',
      'an unknown critical extension': 'extension',
      'the same extension twice': 'extension',
      'signed with SHA-1': 'signature',
      'another trust domain': 'uri-domain',
      'a sub-domain': 'uri-domain',
    };
    for (const [name, refusal] of Object.entries(reasons)) {
      const bad = badCertificates.find((candidate) => candidate.name === name);
      if (!bad) throw new Error(`no bad certificate ${name}`);
      const [der = Buffer.alloc(0)] = (await make(pki, other, bad)).chain;
      expect([name, examinePeer(der, policy())]).toEqual([name, { refusal }]);
    }
  });

  it('refuses what is no certificate, cut anywhere or with any byte changed, without throwing', async () => {
    const { material } = await pki.identity('430121', 'node');
    const der = Buffer.from(material.chain[0] ?? []);
    for (let length = 0; length < der.length; length += 1) {
      expect(examinePeer(der.subarray(0, length), policy())).toEqual({ refusal: 'unparsable' });
    }
    for (let at = 0; at < der.length; at += 1) {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      expect(() => examinePeer(changed, policy())).not.toThrow();
    }
    expect(examinePeer(Buffer.concat([der, Buffer.from([0])]), policy())).toEqual({ refusal: 'unparsable' });
  });
});
