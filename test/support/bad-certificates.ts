import { generateKeyPairSync } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { GeneralName, GeneralNames } from '@peculiar/asn1-x509';
import type { Authority } from '../../certs/authority.ts';
import { basicConstraints, type Extension, extendedKeyUsage, keyUsage, oid } from '../../certs/extensions.ts';
import { generateKeyPair, signingKey } from '../../certs/key-pair.ts';
import type { PeerRefusal } from '../../certs/peer-policy.ts';
import { exact, signCertificate } from '../../certs/sign-certificate.ts';
import { x509 } from '../../certs/x509.ts';
import { systemClock } from '../../core/base/clock.ts';
import type { TlsMaterial } from '../../core/wire/tls-material.ts';
import { issuance, type Pki } from './pki.ts';

/** A leaf with one thing wrong; what is not given is as the authority would make it for 430121/node. */
export interface BadCertificate {
  readonly name: string;
  /** The policy's reason, or 'path' where already the path check of OpenSSL refuses. */
  readonly refusal: PeerRefusal | 'path';
  readonly uri?: string;
  /** Replaces the names: undefined entries of the certificate are left out. */
  readonly names?: readonly Partial<GeneralName>[] | 'none';
  readonly constraints?: Extension | 'none';
  readonly usage?: Extension | 'none';
  readonly purposes?: readonly string[] | 'none';
  readonly extra?: readonly Extension[];
  readonly key?: 'rsa' | 'ed25519' | 'p384' | 'secp256k1';
  /** Validity in days from now. */
  readonly from?: number;
  readonly to?: number;
  readonly signer?: 'issuing' | 'root-name' | 'leaf' | 'itself' | 'other';
  readonly hash?: 'SHA-1' | 'SHA-384';
}

const domain = 'spiffe://hunan.example/site';
const codeSigning = '1.3.6.1.5.5.7.3.3';
const both = [oid.clientAuth, oid.serverAuth];
/** In UTF-8, whose bytes the encoder takes one by one. */
const fullWidth = (digits: string) =>
  Buffer.from(digits.replaceAll(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))).toString(
    'latin1',
  );
const nodeUri = `${domain}/430121/node`;
const uri = (value: string) => ({ uniformResourceIdentifier: value });
const unknown = (critical: boolean) => new x509.Extension('1.2.3.4.5', critical, new Uint8Array([5, 0]));

export const badCertificates: readonly BadCertificate[] = [
  { name: 'no SAN', refusal: 'no-san', names: 'none' },
  { name: 'an empty SAN with a DNS name only', refusal: 'no-uri', names: [{ dNSName: 'a.example' }] },
  { name: 'an address only', refusal: 'no-uri', names: [{ iPAddress: '10.0.0.1' }] },
  { name: 'two URIs', refusal: 'two-uris', names: [uri(nodeUri), uri(`${domain}/430000/hub`)] },
  {
    name: 'a DNS name in the certificate of a person',
    refusal: 'other-name',
    names: [uri(`${domain}/430121/officer/a`), { dNSName: 'hub.hunan.example' }],
    purposes: [oid.clientAuth],
  },
  {
    name: 'a mail address beside the URI',
    refusal: 'other-name',
    names: [uri(nodeUri), { rfc822Name: 'a@b.example' }],
  },
  { name: 'CA:TRUE', refusal: 'authority', constraints: basicConstraints(true) },
  { name: 'no basic constraints', refusal: 'authority', constraints: 'none' },
  { name: 'no extended key usage', refusal: 'extended-key-usage', purposes: 'none' },
  { name: 'one purpose more', refusal: 'extended-key-usage', purposes: [...both, codeSigning] },
  { name: 'clientAuth alone for a node', refusal: 'extended-key-usage', purposes: [oid.clientAuth] },
  {
    name: 'serverAuth for an officer',
    refusal: 'extended-key-usage',
    uri: `${domain}/430121/officer/a`,
    purposes: both,
  },
  { name: 'serverAuth alone', refusal: 'path', purposes: [oid.serverAuth] },
  { name: 'codeSigning alone', refusal: 'path', purposes: [codeSigning] },
  { name: 'no key usage', refusal: 'key-usage', usage: 'none' },
  { name: 'key usage of an authority', refusal: 'path', usage: keyUsage('authority') },
  { name: 'an RSA key', refusal: 'key', key: 'rsa' },
  { name: 'an Ed25519 key', refusal: 'key', key: 'ed25519' },
  { name: 'a P-384 key', refusal: 'key', key: 'p384' },
  { name: 'a secp256k1 key', refusal: 'path', key: 'secp256k1' },
  { name: 'a life of 31 days', refusal: 'life', to: 31 },
  { name: 'a life of ten years', refusal: 'life', from: -1, to: 1_000 },
  { name: 'expired', refusal: 'path', from: -8, to: -1 },
  { name: 'not yet valid', refusal: 'path', from: 1, to: 8 },
  { name: 'an unknown critical extension', refusal: 'path', extra: [unknown(true)] },
  { name: 'the same extension twice', refusal: 'path', extra: [basicConstraints(false)] },
  { name: 'signed with SHA-1', refusal: 'path', hash: 'SHA-1' },
  { name: 'signed with SHA-384', refusal: 'signature', hash: 'SHA-384' },
  { name: 'signed by itself', refusal: 'path', signer: 'itself' },
  { name: 'signed by another authority', refusal: 'path', signer: 'other' },
  { name: 'signed by a leaf', refusal: 'path', signer: 'leaf' },
  { name: 'another trust domain', refusal: 'path', uri: 'spiffe://hubei.example/site/420000/node' },
  { name: 'a sub-domain', refusal: 'path', uri: 'spiffe://a.hunan.example/site/430121/node' },
  { name: 'a slash behind', refusal: 'uri-malformed', uri: `${nodeUri}/` },
  { name: 'dots in the path', refusal: 'uri-malformed', uri: `${domain}/430121/../430000/hub` },
  { name: 'an empty segment', refusal: 'uri-malformed', uri: `${domain}//430121/node` },
  { name: 'a percent-encoded digit', refusal: 'uri-malformed', uri: `${domain}/43012%31/node` },
  { name: 'an upper-case scheme', refusal: 'uri-malformed', uri: 'SPIFFE://hunan.example/site/430121/node' },
  { name: 'an upper-case domain', refusal: 'uri-malformed', uri: 'spiffe://HUNAN.example/site/430121/node' },
  { name: 'another scheme', refusal: 'uri-malformed', uri: 'https://hunan.example/site/430121/node' },
  { name: 'a port', refusal: 'uri-malformed', uri: 'spiffe://hunan.example:443/site/430121/node' },
  { name: 'user information', refusal: 'uri-malformed', uri: 'spiffe://a@hunan.example/site/430121/node' },
  { name: 'a query', refusal: 'uri-malformed', uri: `${nodeUri}?a=b` },
  { name: 'a fragment', refusal: 'uri-malformed', uri: `${nodeUri}#a` },
  { name: 'a line break behind', refusal: 'uri-malformed', uri: `${nodeUri}\n` },
  { name: 'full-width digits', refusal: 'uri-malformed', uri: `${domain}/${fullWidth('430121')}/node` },
  { name: 'a short code', refusal: 'uri-malformed', uri: `${domain}/43012/node` },
  {
    name: 'a second URI behind a comma',
    refusal: 'uri-malformed',
    uri: `${nodeUri}, URI:${domain}/430000/hub`,
  },
  { name: 'a role that does not exist', refusal: 'uri-role', uri: `${domain}/430121/root` },
  { name: 'a role of the object prototype', refusal: 'uri-role', uri: `${domain}/430121/constructor` },
  { name: 'a name for a node', refusal: 'uri-name', uri: `${nodeUri}/a` },
  { name: 'an officer without a name', refusal: 'uri-name', uri: `${domain}/430121/officer` },
  { name: 'a third segment', refusal: 'uri-malformed', uri: `${domain}/430121/officer/a/b` },
];

/** The bad certificate with a key and a chain, ready for a client. */
export async function make(pki: Pki, other: Pki, bad: BadCertificate): Promise<TlsMaterial> {
  const keys = keysOf(bad.key);
  const nowMs = systemClock.nowMs();
  const content = {
    commonName: bad.name,
    trustDomain: pki.trustDomain,
    publicKey: keys.publicKey,
    notBeforeMs: nowMs + (bad.from ?? -0.005) * 86_400_000,
    notAfterMs: nowMs + (bad.to ?? 7) * 86_400_000,
    extensions: extensionsOf(bad),
  };
  const [issuer, signer] = await signerOf(pki, other, bad.signer, keys);
  const certificate =
    bad.hash === undefined
      ? await signCertificate(content, issuer, signer.privateKey, issuance)
      : await signWith(bad.hash, content, signer);
  const material = pki.material(certificate, keys.privateKey);
  const chain =
    bad.signer === 'leaf' || bad.signer === 'other' ? [certificate, signer.certificate] : material.chain;
  return { ...material, chain: bad.signer === 'leaf' ? [...chain, pki.issuing.certificate] : chain };
}

function extensionsOf(bad: BadCertificate): Extension[] {
  const { constraints = basicConstraints(false), usage = keyUsage('leaf'), purposes = both } = bad;
  const names = bad.names ?? [uri(bad.uri ?? nodeUri)];
  const all: (Extension | 'none')[] = [constraints, usage];
  if (purposes !== 'none') all.push(extendedKeyUsage(purposes));
  if (names !== 'none') {
    const value = new GeneralNames(names.map((name) => new GeneralName(name)));
    all.push(new x509.Extension(oid.subjectAltName, false, AsnConvert.serialize(value)));
  }
  return [...all.filter((extension) => extension !== 'none'), ...(bad.extra ?? [])];
}

function keysOf(kind: BadCertificate['key']): { privateKey: Uint8Array; publicKey: Uint8Array } {
  if (kind === undefined) return generateKeyPair();
  const { privateKey, publicKey } = keyObjectsOf(kind);
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
  };
}

function keyObjectsOf(kind: 'rsa' | 'ed25519' | 'p384' | 'secp256k1') {
  switch (kind) {
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'ed25519':
      return generateKeyPairSync('ed25519');
    case 'p384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 'secp256k1':
      return generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  }
}

async function signerOf(
  pki: Pki,
  other: Pki,
  signer: BadCertificate['signer'],
  keys: { privateKey: Uint8Array },
): Promise<[Uint8Array | 'itself', Authority]> {
  if (signer === 'itself') return ['itself', { certificate: Buffer.alloc(0), privateKey: keys.privateKey }];
  if (signer === 'other') return [other.issuing.certificate, other.issuing];
  if (signer === undefined || signer === 'issuing') return [pki.issuing.certificate, pki.issuing];
  const { material } = await pki.identity('430121', 'node');
  const certificate = material.chain[0] ?? Buffer.alloc(0);
  return [certificate, { certificate, privateKey: material.privateKey }];
}

async function signWith(
  hash: string,
  content: Parameters<typeof signCertificate>[0],
  signer: Authority,
): Promise<Buffer> {
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '0102030405060708090a0b0c0d0e0f10',
    subject: `CN=${hash}`,
    issuer: new x509.X509Certificate(exact(signer.certificate)).subjectName,
    notBefore: new Date(content.notBeforeMs),
    notAfter: new Date(content.notAfterMs),
    publicKey: exact(content.publicKey),
    signingKey: await signingKey(signer.privateKey),
    signingAlgorithm: { name: 'ECDSA', namedCurve: 'P-256', hash },
    extensions: [...content.extensions],
  });
  return Buffer.from(certificate.rawData);
}
