import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIssuing, createRoot } from '../../certs/authority.ts';
import { checkRequest, createRequest } from '../../certs/certificate-request.ts';
import { generateKeyPair } from '../../certs/key-pair.ts';
import { issueLeaf } from '../../certs/leaf.ts';
import { examinePeer } from '../../certs/peer-policy.ts';
import {
  issueRevocationList,
  readRevocationList,
  requireLists,
  requireNewer,
} from '../../certs/revocation-list.ts';
import { systemClock } from '../../core/base/clock.ts';
import { pem } from '../../core/base/pem.ts';
import { seededRandom } from '../../core/base/random.ts';
import { openssl, opensslMissing, opensslReason } from '../support/openssl.ts';
import { issuance, Pki } from '../support/pki.ts';

const dayMs = 86_400_000;
let pki: Pki;
beforeAll(async () => {
  pki = await Pki.create();
});

describe.skipIf(opensslMissing)(`openssl reads what the authority writes${opensslReason}`, () => {
  const grants = [
    'gate',
    'node',
    'hub',
    'officer/li-wei',
    'operator/a',
    'auditor/b',
    'city',
    'business/h-1',
    'subscriber',
  ];
  it.each(grants)(
    'accepts the chain of a %s under strict rules with both revocation lists',
    async (grant) => {
      const serves = ['gate', 'node', 'hub'].includes(grant);
      const hosts = serves ? ['hub.hunan.example', '10.1.2.3', '2001:db8::7'] : [];
      const { material } = await pki.identity('430121', grant, hosts);
      const [leaf = Buffer.alloc(0), issuing = Buffer.alloc(0)] = material.chain;
      const files = {
        'root.pem': pem('CERTIFICATE', pki.root.certificate),
        'issuing.pem': pem('CERTIFICATE', issuing),
        'leaf.pem': pem('CERTIFICATE', leaf),
        'lists.pem': Buffer.concat(pki.lists.map(({ der }) => pem('X509 CRL', der))),
      };
      const purposes = serves ? ['sslclient', 'sslserver'] : ['sslclient'];
      for (const purpose of purposes) {
        const args = ['verify', '-x509_strict', '-crl_check_all', '-purpose', purpose, '-CAfile', 'root.pem'];
        const verified = openssl(files, [
          ...args,
          '-untrusted',
          'issuing.pem',
          '-CRLfile',
          'lists.pem',
          'leaf.pem',
        ]);
        expect(verified.text).toContain('leaf.pem: OK');
      }
      const text = openssl(files, ['x509', '-in', 'leaf.pem', '-noout', '-text']).text;
      expect(text).toContain(`URI:spiffe://hunan.example/site/430121/${grant}`);
      expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
      expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
      if (serves) expect(text).toContain('DNS:hub.hunan.example, IP Address:10.1.2.3, IP Address:2001:DB8');
    },
  );

  it('reads every revocation list: label, number, authority, serial numbers of every shape', async () => {
    const revoked = ['abc', '0fff'.slice(1), '80', 'ff00112233445566778899aabbccddee'].map((serial) => {
      return { serial, revokedMs: systemClock.nowMs() };
    });
    const content = { number: 4711, revoked, nowMs: systemClock.nowMs(), lifeMs: 7 * dayMs };
    const der = await issueRevocationList(pki.issuing, content);
    const text = openssl({ 'a.pem': pem('X509 CRL', der) }, ['crl', '-in', 'a.pem', '-noout', '-text']).text;
    for (const serial of ['0ABC', '0FFF', '80', 'FF00112233445566778899AABBCCDDEE']) {
      expect(text).toContain(`Serial Number: ${serial}\n`);
    }
    expect(text).toMatch(/CRL Number:\s+4711/);
    expect(text).toContain('Authority Key Identifier');
    const read = await readRevocationList(der, [pki.root.certificate, pki.issuing.certificate]);
    expect(read.revoked.map(({ serial }) => serial)).toEqual(revoked.map(({ serial }) => serial));
    expect(read.number).toBe(4711);
  });

  it('refuses a leaf that the issuing authority signs for another trust domain', async () => {
    const identity = { trustDomain: 'hubei.example', site: '420000', role: 'node', name: '' } as const;
    const { publicKey } = generateKeyPair();
    const { certificate } = await issueLeaf(pki.issuing, { identity, hosts: [], publicKey }, issuance);
    const files = {
      'root.pem': pem('CERTIFICATE', pki.root.certificate),
      'issuing.pem': pem('CERTIFICATE', pki.issuing.certificate),
      'leaf.pem': pem('CERTIFICATE', certificate),
    };
    const verified = openssl(files, [
      'verify',
      '-CAfile',
      'root.pem',
      '-untrusted',
      'issuing.pem',
      'leaf.pem',
    ]);
    expect(verified.text).toContain('permitted subtree violation');
  });

  it('writes private keys in PEM that openssl loads', () => {
    const key = pem('PRIVATE KEY', generateKeyPair().privateKey);
    expect(openssl({ 'k.pem': key }, ['pkey', '-in', 'k.pem', '-noout', '-check']).text).toContain(
      'Key is valid',
    );
  });
});

describe('an authority', () => {
  it('has another name in every generation, even under one number', async () => {
    const again = await createRoot({ trustDomain: 'hunan.example', number: 1 }, issuance);
    const subject = (der: Uint8Array) => new X509Certificate(der).subject;
    expect(subject(again.certificate)).not.toBe(subject(pki.root.certificate));
    const issuing = await createIssuing(pki.root, { trustDomain: 'hunan.example', number: 1 }, issuance);
    expect(subject(issuing.certificate)).not.toBe(subject(pki.issuing.certificate));
  });

  it('gives every certificate a serial number of 16 bytes from the given randomness', async () => {
    const seeded = { clock: systemClock, random: seededRandom(7) };
    const { publicKey } = generateKeyPair();
    const identity = { trustDomain: 'hunan.example', site: '430121', role: 'node', name: '' } as const;
    const serials = new Set<string>();
    for (let i = 0; i < 5; i += 1) {
      serials.add((await issueLeaf(pki.issuing, { identity, hosts: [], publicKey }, seeded)).serial);
    }
    expect(serials.size).toBe(5);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
  });

  it('issues for 1 to 30 days, back-dated by ten minutes, and never beyond its own end', async () => {
    const nowMs = systemClock.nowMs();
    const clock = { nowMs: () => nowMs };
    const identity = { trustDomain: 'hunan.example', site: '430121', role: 'node', name: '' } as const;
    const leaf = { identity, hosts: [], publicKey: generateKeyPair().publicKey };
    const issued = await issueLeaf(pki.issuing, leaf, { ...issuance, clock });
    expect(issued.notBeforeMs).toBe(Math.floor((nowMs - 600_000) / 1000) * 1000);
    expect(issued.notAfterMs).toBe(Math.floor((nowMs + 30 * dayMs) / 1000) * 1000);
    for (const lifeDays of [0, 31, Number.NaN]) {
      await expect(issueLeaf(pki.issuing, { ...leaf, lifeDays }, issuance)).rejects.toMatchObject({
        code: 'TB1308',
      });
    }
    const late = { ...issuance, clock: { nowMs: () => nowMs + 1_095 * dayMs } };
    await expect(issueLeaf(pki.issuing, leaf, late)).rejects.toMatchObject({ code: 'TB1307' });
  });

  it('writes host names into certificates of servers only, and only host names', async () => {
    const identity = {
      trustDomain: 'hunan.example',
      site: '430121',
      role: 'officer',
      name: 'li-wei',
    } as const;
    const leaf = { identity, publicKey: generateKeyPair().publicKey };
    const server = { ...identity, role: 'node', name: '' } as const;
    const refused = { code: 'TB1309' };
    await expect(issueLeaf(pki.issuing, { ...leaf, hosts: ['a.example'] }, issuance)).rejects.toMatchObject(
      refused,
    );
    for (const host of [
      '*.example',
      'A.example',
      'a..b',
      '-a',
      'a b',
      'a,URI:x',
      '',
      'x'.repeat(254),
      '1.2.3.4/8',
    ]) {
      const wish = { ...leaf, identity: server, hosts: [host] };
      await expect(issueLeaf(pki.issuing, wish, issuance)).rejects.toMatchObject(refused);
    }
  });
});

describe('a certificate request', () => {
  it('gives back its public key', async () => {
    const keys = generateKeyPair();
    expect(await checkRequest(await createRequest(keys, '430121'))).toEqual(keys.publicKey);
  });

  it('is refused with another signature, another curve, junk behind it or too many bytes', async () => {
    const request = await createRequest(generateKeyPair(), '430121');
    const flipped = Buffer.from(request);
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
    for (const bad of [
      flipped,
      Buffer.alloc(0),
      Buffer.from('junk'),
      Buffer.alloc(5_000),
      Buffer.concat([request, Buffer.alloc(1)]),
      request.subarray(0, 100),
    ]) {
      await expect(checkRequest(bad)).rejects.toMatchObject({ code: 'TB1310' });
    }
  });

  it.skipIf(opensslMissing)(
    `cannot ask for rights: its extensions are not copied${opensslReason}`,
    async () => {
      const config = [
        '[req]',
        'distinguished_name=dn',
        'req_extensions=ext',
        'prompt=no',
        '[dn]',
        'CN=430000 hub',
        '[ext]',
        'basicConstraints=critical,CA:TRUE',
        'keyUsage=keyCertSign,cRLSign',
        'extendedKeyUsage=serverAuth',
        'subjectAltName=URI:spiffe://hunan.example/site/430000/hub,DNS:hub.hunan.example',
      ].join('\n');
      const key = pem('PRIVATE KEY', generateKeyPair().privateKey);
      const args = ['req', '-new', '-key', 'k.pem', '-config', 'c.cnf'];
      const { text } = openssl({ 'k.pem': key, 'c.cnf': config }, args);
      const der = Buffer.from(text.replace(/-----[^-]+-----/g, ''), 'base64');
      const publicKey = await checkRequest(der);
      const identity = { trustDomain: 'hunan.example', site: '430121', role: 'operator', name: 'a' } as const;
      const { certificate } = await issueLeaf(pki.issuing, { identity, hosts: [], publicKey }, issuance);
      const parsed = new X509Certificate(certificate);
      expect(parsed.ca).toBe(false);
      expect(parsed.subjectAltName).toBe('URI:spiffe://hunan.example/site/430121/operator/a');
      expect(parsed.subject).not.toContain('hub');
      const policy = { trustDomain: 'hunan.example', nowMs: systemClock.nowMs(), revoked: new Set<string>() };
      expect(examinePeer(certificate, policy)).toMatchObject({ site: '430121', role: 'operator', name: 'a' });
    },
  );
});

describe('a revocation list', () => {
  it('is refused when altered, with something behind it, or from another authority', async () => {
    const authorities = [pki.root.certificate, pki.issuing.certificate];
    const [list] = pki.lists;
    const der = Buffer.from(list?.der ?? []);
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
    const other = await Pki.create();
    for (const bad of [
      der,
      Buffer.from('junk'),
      Buffer.alloc(0),
      Buffer.concat([list?.der ?? der, Buffer.alloc(1)]),
      pki.root.certificate,
    ]) {
      await expect(readRevocationList(bad, authorities)).rejects.toMatchObject({ code: 'TB1324' });
    }
    const foreign = other.lists[0]?.der ?? Buffer.alloc(0);
    await expect(readRevocationList(foreign, authorities)).rejects.toMatchObject({ code: 'TB1324' });
  });

  it('that is missing is named at the start, and an older one is refused', () => {
    const authorities = [pki.root.certificate, pki.issuing.certificate];
    expect(() => requireLists(authorities, pki.lists)).not.toThrow();
    expect(() => requireLists(authorities, pki.lists.slice(0, 1))).toThrow(/Tongbu issuing 1/);
    const [list] = pki.lists;
    if (!list) throw new Error('no list');
    expect(() => requireNewer(list, list.number)).not.toThrow();
    expect(() => requireNewer(list, list.number + 1)).toThrow(/TB1323/);
  });
});
