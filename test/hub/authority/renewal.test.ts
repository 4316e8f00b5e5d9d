import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordOf } from '../../../certs/certificate-record.ts';
import { createRequest } from '../../../certs/certificate-request.ts';
import { generateKeyPair } from '../../../certs/key-pair.ts';
import { pem } from '../../../core/base/pem.ts';
import { AuthorityWorld, type Held, trustDomain } from '../../support/authority-world.ts';
import { ManualClock } from '../../support/cli-world.ts';
import { openssl, opensslMissing, opensslReason } from '../../support/openssl.ts';

const dayMs = 86_400_000;
const hosts = ['node.changsha.example', '10.1.2.3'];
let clock: ManualClock;
let world: AuthorityWorld;
let node: Held;

beforeEach(async () => {
  clock = new ManualClock();
  world = await AuthorityWorld.create({ clock });
  world.admit('430121');
  node = await world.enrolled('430121', 'node', '', hosts);
});
afterEach(() => world.close());

it('a renewed certificate has the identity and hosts of the record, a new key, and 7 days', async () => {
  await clock.pass(5 * dayMs);
  const { certificate, keys, answer } = await world.renew(node);
  const before = recordOf(node.certificate, trustDomain);
  const after = recordOf(certificate, trustDomain);
  expect(after).toMatchObject({ site: '430121', role: 'node', name: '', hosts });
  expect(after.keyId).not.toBe(before.keyId);
  expect(after.notAfterMs - clock.nowMs()).toBe(7 * dayMs);
  const parsed = new X509Certificate(certificate);
  expect(parsed.publicKey.export({ type: 'spki', format: 'der' }).equals(keys.publicKey)).toBe(true);
  expect(answer.chain).toHaveLength(2);
  expect(answer.roots.map((der) => Buffer.from(der))).toEqual([Buffer.from(world.pki.root.certificate)]);
  expect(answer.crls).toHaveLength(2);
  const subject = `node@430121 ${after.fingerprint}`;
  expect(world.rows('audit', 'act')).toContainEqual(
    expect.objectContaining({ act_step: 'renewed', subject, actor: 'node@430121' }),
  );
});

it('the replaced certificate stays valid and renews for three days more, then no longer', async () => {
  await clock.pass(2 * dayMs);
  const renewed = await world.renew(node);
  const states = () => world.desk.list({ site: '430121' }).certificates.map(({ state }) => state);
  expect(states()).toEqual(['valid', 'superseded']);
  await clock.pass(2 * dayMs);
  await world.renew(node);
  await clock.pass(1 * dayMs + 1);
  await expect(world.renew(node)).rejects.toMatchObject({ code: 'TB1351' });
  await world.renew(renewed);
});

it('nothing is renewed that has expired, was revoked, or is not in the table', async () => {
  const stranger = await world.issue('officer', 'li', [], '430121');
  await expect(world.renew(stranger)).rejects.toMatchObject({ code: 'TB1350' });
  const operator = await world.enrolled('430121', 'operator', 'wang');
  await world.revoke({ fingerprint: operator.peer.fingerprint });
  await expect(world.renew(operator)).rejects.toMatchObject({ code: 'TB1302' });
  await clock.pass(7 * dayMs + 1);
  await expect(world.renew(node)).rejects.toMatchObject({ code: 'TB1303' });
});

it('a key that any certificate had before is refused', async () => {
  const other = await world.enrolled('430121', 'gate');
  for (const { keys } of [node, other]) {
    const request = await createRequest(keys, 'x');
    await expect(world.desk.renew(request, node.peer)).rejects.toMatchObject({ code: 'TB1352' });
  }
  expect(world.acts('certificate').filter((step) => step === 'renewed')).toEqual([]);
});

it('a renewal under way while the identity is revoked gives no certificate', async () => {
  const request = await createRequest(generateKeyPair(), 'x');
  const revoked = world.revoke({ site: '430121', reason: 'site-dismissed' });
  const renewed = world.desk.renew(request, node.peer);
  await revoked;
  await expect(renewed).rejects.toMatchObject({ code: 'TB1302' });
  const left = world.desk.list({ site: '430121', state: 'valid' });
  expect(left.certificates).toEqual([]);
});

it('without audit there is no renewal', async () => {
  const { database } = world.data.store;
  database.execute('DROP TABLE audit_act');
  const before = world.desk.list({}).certificates.length;
  await expect(world.renew(node)).rejects.toThrow();
  expect(world.desk.list({}).certificates).toHaveLength(before);
});

it('two hundred valid certificates of one identity are the limit', async () => {
  for (let i = 1; i < 199; i += 1) await world.enrolled('430121', 'node', '', hosts);
  const last = await world.renew(node);
  expect(world.desk.list({ site: '430121', role: 'node' }).certificates).toHaveLength(200);
  await expect(world.renew(last)).rejects.toMatchObject({ code: 'TB1353' });
}, 60_000);

it.skipIf(opensslMissing)(
  `a request that asks for a hub and CA:TRUE gets neither, only its key is taken${opensslReason}`,
  async () => {
    const keys = generateKeyPair();
    const config = `[req]
distinguished_name = dn
req_extensions = wish
prompt = no
[dn]
CN = 430000 hub
[wish]
basicConstraints = critical, CA:TRUE
keyUsage = keyCertSign, cRLSign
subjectAltName = URI:spiffe://hunan.example/site/430000/hub, DNS:hub.hunan.example
extendedKeyUsage = serverAuth
`;
    const made = openssl({ 'k.pem': pem('PRIVATE KEY', keys.privateKey), 'c.cnf': config }, [
      ...['req', '-new', '-key', 'k.pem', '-config', 'c.cnf'],
    ]);
    const csr = Buffer.from(made.text.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
    const { peer } = await world.enrolled('430121', 'officer', 'zhao');
    const { chain } = await world.desk.renew(csr, peer);
    const leaf = pem('CERTIFICATE', chain[0] ?? new Uint8Array());
    const { text } = openssl({ 'l.pem': leaf }, ['x509', '-in', 'l.pem', '-noout', '-text']);
    expect(text).toContain('URI:spiffe://hunan.example/site/430121/officer/zhao\n');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/Extended Key Usage:\s+TLS Web Client Authentication\n/);
    expect(text).not.toContain('430000');
    expect(text).not.toContain('DNS:');
  },
);
