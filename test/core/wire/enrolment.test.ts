import { X509Certificate } from 'node:crypto';
import { createSecureServer } from 'node:http2';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRequest } from '../../../certs/certificate-request.ts';
import { parseToken } from '../../../certs/enrolment-token.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  keyUsage,
  subjectKeyIdentifier,
} from '../../../certs/extensions.ts';
import { fingerprintOf } from '../../../certs/fingerprint.ts';
import { checkIssued, trustDomainOf } from '../../../certs/issued-identity.ts';
import { generateKeyPair, keyIdentifier, signingAlgorithm, signingKey } from '../../../certs/key-pair.ts';
import { examinePeer } from '../../../certs/peer-policy.ts';
import { exact } from '../../../certs/sign-certificate.ts';
import { x509 } from '../../../certs/x509.ts';
import { systemClock } from '../../../core/base/clock.ts';
import { EnrolmentClient, type ExamineUnder } from '../../../core/wire/enrolment-client.ts';
import type { EnrolmentAnswer, EnrolmentResult } from '../../../core/wire/enrolment-messages.ts';
import { contextOptionsWithoutLists, type TlsMaterial } from '../../../core/wire/tls-material.ts';
import { EnrolmentHub } from '../../support/enrolment-hub.ts';
import { Pki } from '../../support/pki.ts';

let pki: Pki;
let hub: EnrolmentHub;
let port: number;
const closers: (() => void)[] = [];

const examine: ExamineUnder = (certificate, root) =>
  examinePeer(certificate, {
    trustDomain: trustDomainOf(root),
    nowMs: systemClock.nowMs(),
    revoked: new Set(),
  });

/** As the listener shows it: with the root at the end. */
async function withRoot(from: Pki, grant = 'hub', site = '430000'): Promise<TlsMaterial> {
  const { material } = await from.identity(site, grant, ['localhost', '127.0.0.1']);
  return { ...material, chain: [...material.chain, from.root.certificate] };
}

beforeAll(async () => {
  pki = await Pki.create();
});

beforeEach(async () => {
  hub = await EnrolmentHub.start(pki);
  hub.approvals.lenient = true;
  port = hub.port;
  closers.push(() => hub.close());
});

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function newToken(to = port, host = 'localhost') {
  return parseToken(await hub.token(['gate', 'node'], to, host));
}

/** An answer that an officer's approval has led to. */
async function granted(answer: Promise<EnrolmentAnswer>): Promise<EnrolmentResult> {
  const result = await answer;
  if ('waiting' in result) throw new TypeError('nobody has approved');
  return result;
}

async function request(token: Uint8Array) {
  const keys = [generateKeyPair(), generateKeyPair()] as const;
  const wish = async (role: string, i: 0 | 1, hosts: string[]) => {
    return { role, name: '', csr: await createRequest(keys[i], role), hosts };
  };
  const certificates = [await wish('gate', 0, ['10.1.1.1']), await wish('node', 1, [])];
  const siteKeys = { log: Buffer.alloc(32, 1), mirror: Buffer.alloc(32, 2), journal: Buffer.alloc(32, 3) };
  return { keys, request: { token, site: '430121', certificates, keys: siteKeys } };
}

describe('enrolment over the wire', () => {
  it.each(['localhost', '127.0.0.1'])(
    'gives a new site certificates that its own check accepts (%s)',
    async (host) => {
      const address = await newToken(port, host);
      const client = new EnrolmentClient(address, examine, systemClock);
      const { keys, request: wish } = await request(address.token);
      const result = await granted(client.enrol(wish));
      expect(fingerprintOf(result.root)).toBe(address.rootFingerprint);
      const expected = { site: '430121', role: 'node', name: '', privateKey: keys[1].privateKey };
      const chain = result.certificates[1]?.chain ?? [];
      expect(checkIssued(chain, result.root, expected, systemClock.nowMs())).toMatchObject({ role: 'node' });
      expect(result.crls).toEqual(pki.lists.map(({ der }) => der));
      expect(JSON.parse(Buffer.from(result.registry).toString())).toMatchObject({ site: '430000' });
      await expect(client.enrol(wish)).rejects.toMatchObject({
        code: 'TB1313',
        parameters: { address: '127.0.0.1' },
      });
    },
  );

  it('says who is there and why a certificate is refused, and nothing else', async () => {
    const client = new EnrolmentClient(await newToken(), examine, systemClock);
    expect(await client.describe()).toEqual({
      site: '430000',
      sealed: false,
      epoch: 4,
      protocolMin: 1,
      protocolMax: 1,
    });
    expect(await client.revokedMs('a'.repeat(64))).toBe(1_790_000_000_000);
    expect(await client.revokedMs('b'.repeat(64))).toBeUndefined();
  });

  it('makes an impatient address wait, by its tokens only', async () => {
    const address = await newToken();
    const client = new EnrolmentClient(address, examine, systemClock);
    const { request: wrong } = await request(Buffer.alloc(32));
    for (let i = 0; i < 10; i += 1)
      await expect(client.enrol(wrong)).rejects.toMatchObject({ code: 'TB1312' });
    const { request: right } = await request(address.token);
    await expect(client.enrol(right)).rejects.toMatchObject({ code: 'TB1319', retry: true });
  });

  it('serves a renewed certificate after replace and refuses a bad one', async () => {
    const client = new EnrolmentClient(await newToken(), examine, systemClock);
    hub.listener.replace(await withRoot(pki));
    const { material } = await pki.identity('430000', 'hub');
    const bad = { ...material, privateKey: generateKeyPair().privateKey };
    expect(() => hub.listener.replace(bad)).toThrow(/TB1320/);
    expect(await client.describe()).toMatchObject({ site: '430000' });
  });
});

describe('before an officer has approved', () => {
  it('the answer is the words of the keys and nothing that could be used', async () => {
    hub.approvals.lenient = false;
    const address = await newToken();
    const client = new EnrolmentClient(address, examine, systemClock);
    const { request: wish } = await request(address.token);
    const answer = await client.enrol(wish);
    const [opened] = hub.approvals.opened;
    expect(answer).toEqual({
      waiting: {
        requestId: expect.stringMatching(/^[0-9a-f]{16}$/),
        words: opened?.words,
        expiresMs: opened?.token.expiresMs,
      },
    });
    expect(hub.registered).toEqual([]);
  });

  it('one of many parallel uses gets certificates once it is approved, the others are told so', async () => {
    hub.approvals.lenient = false;
    const address = await newToken();
    const { request: wish } = await request(address.token);
    const ask = () => new EnrolmentClient(address, examine, systemClock).enrol(wish);
    await ask();
    hub.approvals.decide('approved');
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, ask));
    const given = outcomes.filter(({ status }) => status === 'fulfilled');
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(given).toMatchObject([{ value: { certificates: [{ role: 'gate' }, { role: 'node' }] } }]);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'TB1313' });
    expect(hub.registered).toHaveLength(1);
  });
});

describe('an impostor never sees the token', () => {
  /** An HTTP/2 server that keeps every byte that is sent to it and never answers. */
  async function impostor(material: TlsMaterial) {
    const seen: Buffer[] = [];
    let dials = 0;
    const server = createSecureServer(contextOptionsWithoutLists(material));
    const told = new Promise<void>((resolve) => {
      server.on('stream', (stream) => {
        stream.on('error', () => {});
        stream.on('data', (bytes: Buffer) => seen.push(bytes));
        stream.on('end', resolve);
      });
    });
    server.on('connection', () => {
      dials += 1;
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close());
    const address = server.address();
    return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, seen, told, dials: () => dials };
  }

  async function refusedBy(material: TlsMaterial, code: string, dials: number): Promise<void> {
    const server = await impostor(material);
    const address = await newToken(server.port);
    const client = new EnrolmentClient(address, examine, systemClock);
    const { request: wish } = await request(address.token);
    await expect(client.enrol(wish)).rejects.toMatchObject({ code });
    expect(server.dials()).toBe(dials);
    expect(server.seen).toEqual([]);
  }

  it('unless it has the key of the hub itself, which shows that these tests would see it', async () => {
    const server = await impostor(await withRoot(pki));
    const address = await newToken(server.port);
    const client = new EnrolmentClient(address, examine, systemClock);
    const { request: wish } = await request(address.token);
    client.enrol(wish).catch(() => {});
    await server.told;
    expect(Buffer.concat(server.seen).includes(Buffer.from(address.token))).toBe(true);
  });

  it('with a root of its own', async () => {
    await refusedBy(await withRoot(await Pki.create()), 'TB1318', 1);
  });

  it('with the genuine root behind a chain of its own', async () => {
    const other = await Pki.create();
    const { material } = await other.identity('430000', 'hub', ['localhost']);
    const chain = [...material.chain, pki.root.certificate];
    await refusedBy({ ...material, chain }, 'TB1318', 1);
  });

  it('with the genuine root and an authority that links to it in everything but the signature', async () => {
    const keys = generateKeyPair();
    const root = new x509.X509Certificate(exact(pki.root.certificate));
    const genuine = new X509Certificate(pki.root.certificate).publicKey.export({
      type: 'spki',
      format: 'der',
    });
    const issuing = await x509.X509CertificateGenerator.create({
      subject: 'CN=forged',
      issuer: root.subjectName,
      notBefore: root.notBefore,
      notAfter: root.notAfter,
      publicKey: exact(keys.publicKey),
      signingKey: await signingKey(keys.privateKey),
      signingAlgorithm,
      extensions: [
        basicConstraints(true, 0),
        keyUsage('authority'),
        subjectKeyIdentifier(keyIdentifier(keys.publicKey)),
        authorityKeyIdentifier(keyIdentifier(genuine)),
      ],
    });
    const forged = { certificate: Buffer.from(issuing.rawData), privateKey: keys.privateKey };
    await refusedBy(await withRoot(new Pki(pki.trustDomain, pki.root, forged)), 'TB1345', 2);
  });

  it('that is an enrolled county with the host name of the hub in its certificate', async () => {
    await refusedBy(await withRoot(pki, 'node', '430122'), 'TB1346', 2);
  });

  it('that shows the hub site with a role that no hub has', async () => {
    await refusedBy(await withRoot(pki, 'node', '430000'), 'TB1346', 2);
  });

  it('and a silent or absent one is named as such', async () => {
    const address = await newToken(1);
    const client = new EnrolmentClient(address, examine, systemClock);
    await expect(client.describe()).rejects.toMatchObject({ code: 'TB1342' });
    const unknown = new EnrolmentClient({ ...address, host: 'hub.invalid' }, examine, systemClock);
    await expect(unknown.describe()).rejects.toMatchObject({ code: 'TB1343' });
  });
});
