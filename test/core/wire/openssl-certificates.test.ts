import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/base/clock.ts';
import { pem } from '../../../core/base/pem.ts';
import type { TlsMaterial } from '../../../core/wire/tls-material.ts';
import { exchange, MutualServer, pull } from '../../support/mutual-server.ts';
import { opensslAsync, opensslMissing, opensslReason } from '../../support/openssl.ts';
import { OpensslAuthority, type OpensslOrder, type OpensslPair } from '../../support/openssl-authority.ts';
import { Pki } from '../../support/pki.ts';

/** One certificate as the openssl command makes it, and what the server writes down when it comes. */
interface BadCase {
  readonly name: string;
  /** In the log: OpenSSL's word for a refused handshake, the policy's for a refused call. */
  readonly reason: string;
  readonly san?: string;
  readonly usage?: string;
  readonly purposes?: string;
  readonly constraints?: string;
  readonly extra?: readonly string[];
  readonly order?: Partial<OpensslOrder>;
  /** Who signs, where that is not the issuing authority. */
  readonly by?: 'itself' | 'a leaf' | 'another province' | 'an authority below';
}

const site = 'spiffe://hunan.example/site';
const uri = (value: string) => `URI:${value}`;
const rsa = (bits: number) => ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`];
const curve = (name: string) => ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`];

const cases: readonly BadCase[] = [
  { name: 'expired', reason: 'CERT_HAS_EXPIRED', order: { from: -5, to: -1 } },
  { name: 'not yet valid', reason: 'CERT_NOT_YET_VALID', order: { from: 1, to: 5 } },
  { name: 'valid for 60 days', reason: 'life', order: { to: 60 } },
  { name: 'signed by itself', reason: 'UNKNOWN_AUTHORITY', by: 'itself' },
  { name: 'of another province', reason: 'UNKNOWN_AUTHORITY', by: 'another province' },
  { name: 'signed by a leaf', reason: 'FORBIDDEN_BY_PATH_CHECK', by: 'a leaf' },
  { name: 'under an authority too many', reason: 'UNKNOWN_AUTHORITY', by: 'an authority below' },
  { name: 'without names', reason: 'no-san', san: '' },
  { name: 'with a DNS name alone', reason: 'no-uri', san: 'DNS:node.hunan.example' },
  { name: 'with an address alone', reason: 'no-uri', san: 'IP:10.0.0.1' },
  {
    name: 'with two URIs',
    reason: 'two-uris',
    san: `${uri(`${site}/430121/node`)},${uri(`${site}/430000/hub`)}`,
  },
  {
    name: 'with a mail address',
    reason: 'other-name',
    san: `${uri(`${site}/430121/node`)},email:a@b.example`,
  },
  {
    name: 'of another trust domain',
    reason: 'FORBIDDEN_BY_PATH_CHECK',
    san: uri('spiffe://guangdong.example/site/430121/node'),
  },
  {
    name: 'of a sub-domain',
    reason: 'FORBIDDEN_BY_PATH_CHECK',
    san: uri('spiffe://a.hunan.example/site/430121/node'),
  },
  {
    name: 'with an upper-case scheme',
    reason: 'uri-malformed',
    san: uri('SPIFFE://hunan.example/site/430121/node'),
  },
  {
    name: 'with an upper-case domain',
    reason: 'uri-malformed',
    san: uri('spiffe://HUNAN.example/site/430121/node'),
  },
  { name: 'with a slash at the end', reason: 'uri-malformed', san: uri(`${site}/430121/node/`) },
  { name: 'with dots in the path', reason: 'uri-malformed', san: uri(`${site}/../site/430121/node`) },
  { name: 'with an empty segment', reason: 'uri-malformed', san: uri(`${site}//430121/node`) },
  { name: 'with percent-encoding', reason: 'uri-malformed', san: uri(`${site}/43012%31/node`) },
  { name: 'with a port', reason: 'uri-malformed', san: uri('spiffe://hunan.example:443/site/430121/node') },
  { name: 'with a query', reason: 'uri-malformed', san: uri(`${site}/430121/node?x=1`) },
  { name: 'with a fragment', reason: 'uri-malformed', san: uri(`${site}/430121/node\\#x`) },
  { name: 'of a site code too short', reason: 'uri-malformed', san: uri(`${site}/43012/node`) },
  { name: 'of a role that does not exist', reason: 'uri-role', san: uri(`${site}/430121/root`) },
  { name: 'of a site with a person’s name', reason: 'uri-name', san: uri(`${site}/430121/node/zhao`) },
  {
    name: 'of an officer without a name',
    reason: 'uri-name',
    san: uri(`${site}/430121/officer`),
    purposes: 'clientAuth',
  },
  { name: 'that may issue', reason: 'authority', constraints: 'critical,CA:TRUE' },
  { name: 'without basic constraints', reason: 'authority', constraints: '' },
  { name: 'without key usage', reason: 'key-usage', usage: '' },
  {
    name: 'for key encipherment as well',
    reason: 'key-usage',
    usage: 'critical,digitalSignature,keyEncipherment',
  },
  { name: 'for signing certificates', reason: 'INVALID_PURPOSE', usage: 'critical,keyCertSign,cRLSign' },
  { name: 'without purposes', reason: 'extended-key-usage', purposes: '' },
  { name: 'for servers alone', reason: 'INVALID_PURPOSE', purposes: 'serverAuth' },
  { name: 'for clients alone, of a node', reason: 'extended-key-usage', purposes: 'clientAuth' },
  { name: 'for signing code', reason: 'INVALID_PURPOSE', purposes: 'codeSigning' },
  {
    name: 'for one purpose more',
    reason: 'extended-key-usage',
    purposes: 'clientAuth,serverAuth,emailProtection',
  },
  {
    name: 'with an unknown critical extension',
    reason: 'FORBIDDEN_BY_PATH_CHECK',
    extra: ['1.2.3.4.5=critical,ASN1:NULL'],
  },
  { name: 'with an RSA key of 2,048 bits', reason: 'key', order: { key: rsa(2048) } },
  { name: 'with a P-384 key', reason: 'key', order: { key: curve('secp384r1') } },
  { name: 'with an Ed25519 key', reason: 'key', order: { key: ['-algorithm', 'ED25519'] } },
  { name: 'signed with SHA-1', reason: 'FORBIDDEN_BY_PATH_CHECK', order: { digest: 'sha1' } },
  { name: 'signed with SHA-384', reason: 'signature', order: { digest: 'sha384' } },
];

const authorityExtensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];

describe.skipIf(opensslMissing)(`a certificate made by openssl${opensslReason}`, () => {
  let pki: Pki;
  let province: OpensslAuthority;
  let stranger: OpensslAuthority;
  let server: MutualServer;
  let strangers: Pki;
  let leaf: OpensslPair;
  let below: OpensslPair;
  const nowMs = systemClock.nowMs();

  beforeAll(async () => {
    pki = await Pki.create();
    province = new OpensslAuthority(pki.issuing);
    strangers = await Pki.create();
    stranger = new OpensslAuthority(strangers.issuing);
    leaf = province.issue({ extensions: extensionsOf({}) }, undefined, nowMs);
    below = province.issue({ extensions: authorityExtensions }, undefined, nowMs);
  }, 60_000);
  // A new one each time: a listener tells an address only so many refusals in a row.
  beforeEach(async () => {
    server = await MutualServer.start(pki, await pki.identity('430000', 'hub', ['localhost']));
  });
  afterEach(() => server?.close());
  afterAll(() => {
    province?.close();
    stranger?.close();
  });

  function extensionsOf(bad: Partial<BadCase>): string[] {
    const {
      constraints = 'critical,CA:FALSE',
      usage = 'critical,digitalSignature',
      purposes = 'clientAuth,serverAuth',
      san = uri(`${site}/430121/node`),
      extra = [],
    } = bad;
    const named = {
      basicConstraints: constraints,
      keyUsage: usage,
      extendedKeyUsage: purposes,
      subjectAltName: san,
    };
    const lines = Object.entries(named).flatMap(([name, value]) =>
      value === '' ? [] : [`${name}=${value}`],
    );
    return [...lines, 'subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid', ...extra];
  }

  function materialOf(bad: Partial<BadCase>): TlsMaterial {
    const order = { ...bad.order, extensions: extensionsOf(bad) };
    const authority = bad.by === 'another province' ? stranger : province;
    const by =
      bad.by === 'itself'
        ? 'itself'
        : bad.by === 'a leaf'
          ? leaf
          : bad.by === 'an authority below'
            ? below
            : undefined;
    const { certificate, privateKey } = authority.issue(order, by, nowMs);
    const material = (bad.by === 'another province' ? strangers : pki).material(certificate, privateKey);
    if (by === undefined || by === 'itself') return material;
    return { ...material, chain: [certificate, by.certificate, ...material.chain.slice(1)] };
  }

  /** What the server wrote down since, once the client has been turned away. */
  async function reasonOf(material: TlsMaterial): Promise<string> {
    const { refusedHandshakes, refused } = server;
    const [handshakes, calls] = [refusedHandshakes.length, refused.length];
    // A stranger trusts us all the same, or it would hang up first.
    const trusting = { ...material, roots: [pki.root.certificate], lists: pki.lists };
    const client = server.client(pki, trusting);
    await exchange(pull(client));
    client.close();
    await expect
      .poll(() => refusedHandshakes.length - handshakes + refused.length - calls)
      .toBeGreaterThan(0);
    const call = refused[calls];
    return call
      ? String(call.error.parameters['reason'] ?? call.error.code)
      : (refusedHandshakes[handshakes]?.reason ?? '');
  }

  it('as it must be is let in, so that the others are refused for what they are', async () => {
    const client = server.client(pki, materialOf({}));
    expect(await exchange(pull(client))).not.toHaveProperty('code');
    expect(server.handled).toHaveLength(1);
    client.close();
  });

  it.each(cases)('$name is refused, and the log says why: $reason', async (bad) => {
    const before = server.handled.length;
    expect(await reasonOf(materialOf(bad))).toBe(bad.reason);
    expect(server.handled).toHaveLength(before);
  });

  it('with an RSA key of 1,024 bits is refused, and the log says why', async () => {
    // Node itself refuses to show it, so openssl does.
    const order = { extensions: extensionsOf({}), key: rsa(1_024) };
    const { certificate, privateKey } = province.issue(order, undefined, nowMs);
    const files = {
      'c.pem': pem('CERTIFICATE', certificate),
      'k.pem': pem('PRIVATE KEY', privateKey),
      'i.pem': pem('CERTIFICATE', pki.issuing.certificate),
    };
    const where = ['-connect', `127.0.0.1:${server.port}`, '-servername', 'localhost', '-alpn', 'h2'];
    const weak = ['-cipher', 'ALL:@SECLEVEL=0', '-cert', 'c.pem', '-key', 'k.pem', '-cert_chain', 'i.pem'];
    await opensslAsync(files, ['s_client', ...where, ...weak]);
    await expect
      .poll(() => server.refusedHandshakes.map(({ reason }) => reason))
      .toEqual(['FORBIDDEN_BY_PATH_CHECK']);
    expect(server.handled).toEqual([]);
  });

  it('that was revoked is refused, and the log says so', async () => {
    const { X509Certificate } = await import('node:crypto');
    const material = materialOf({});
    const serial = new X509Certificate(material.chain[0] ?? '').serialNumber.toLowerCase().replace(/^0+/, '');
    await pki.publish([{ serial, revokedMs: nowMs }]);
    const hub = await pki.identity('430000', 'hub', ['localhost']);
    server.credentials.replace({ ...hub.material, lists: pki.lists });
    const before = server.handled.length;
    expect(await reasonOf({ ...material, lists: pki.lists })).toBe('CERT_REVOKED');
    expect(server.handled).toHaveLength(before);
  });
});
