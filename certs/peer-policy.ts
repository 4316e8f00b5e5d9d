import { AsnConvert } from '@peculiar/asn1-schema';
import {
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  GeneralNames,
  KeyUsage,
  KeyUsageFlags,
  type TBSCertificate,
} from '@peculiar/asn1-x509';
import { toHex } from '../core/base/bytes.ts';
import { backDateMs } from './authority.ts';
import { isOneSequence } from './der.ts';
import { oid } from './extensions.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type Identity, type IdentityRefusal, parseIdentity, serves } from './identity.ts';
import { lifeDaysMax } from './leaf.ts';
import './x509.ts';

/** Who is at the other end; the same shape as core/link's Peer. */
export interface Peer extends Identity {
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
}

/** Why a certificate is refused that the path check of OpenSSL let through. Shown to both sides. */
export type PeerRefusal =
  | IdentityRefusal // the URI is not one of ours, exactly
  | 'unparsable' // no X.509 certificate
  | 'revoked' // in the set of revoked fingerprints
  | 'expired'
  | 'not-yet-valid'
  | 'life' // longer than 30 days
  | 'key' // not P-256 as a named curve
  | 'signature' // not ECDSA with SHA-256
  | 'extension' // twice the same, or an unknown critical one
  | 'authority' // a CA certificate, or no word about that
  | 'key-usage' // anything but digitalSignature
  | 'extended-key-usage' // not what its role needs, or more
  | 'no-san'
  | 'no-uri'
  | 'two-uris'
  | 'other-name'; // a host name in a certificate that is not for a server, or a name of another kind

export interface PeerPolicy {
  readonly trustDomain: string;
  readonly nowMs: number;
  /** Fingerprints. */
  readonly revoked: ReadonlySet<string>;
}

const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const ecPublicKey = '1.2.840.10045.2.1';
/** DER of the object identifier prime256v1. */
const p256 = '06082a8648ce3d030107';
const lifeMaxMs = lifeDaysMax * 86_400_000 + backDateMs;
const knownExtensions: ReadonlySet<string> = new Set(Object.values(oid));

/** What a certificate says, which never changes; only the clock and the revoked set do. */
interface Reading {
  readonly identity: Identity | PeerRefusal;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** By trust domain and fingerprint: reading costs 2 ms, and a hub asks for thousands of live calls. */
const readings = new Map<string, Reading>();
const readingsMax = 4_096;

/**
 * Asked on every call, after OpenSSL accepted the path to our root: a live connection outlives its
 * certificate and its revocation, and OpenSSL accepts much that we never issue. `der` is the certificate
 * that the connection was made with, a client's or a server's.
 */
export function examinePeer(der: Uint8Array, policy: PeerPolicy): Peer | { readonly refusal: PeerRefusal } {
  const { trustDomain, nowMs, revoked } = policy;
  const fingerprint = fingerprintOf(der);
  if (revoked.has(fingerprint)) return { refusal: 'revoked' };
  const key = `${trustDomain} ${fingerprint}`;
  const { identity, notBeforeMs, notAfterMs } = readings.get(key) ?? remember(key, read(der, trustDomain));
  if (identity === 'unparsable') return { refusal: identity };
  // Written so that a date that is no number is refused.
  if (!(notAfterMs >= nowMs)) return { refusal: 'expired' };
  if (!(notBeforeMs <= nowMs)) return { refusal: 'not-yet-valid' };
  return typeof identity === 'string' ? { refusal: identity } : { ...identity, fingerprint };
}

function remember(key: string, reading: Reading): Reading {
  const [oldest] = readings.keys();
  if (readings.size >= readingsMax && oldest !== undefined) readings.delete(oldest);
  readings.set(key, reading);
  return reading;
}

function read(der: Uint8Array, trustDomain: string): Reading {
  const unparsable = { identity: 'unparsable', notBeforeMs: Number.NaN, notAfterMs: Number.NaN } as const;
  if (!isOneSequence(der)) return unparsable;
  try {
    const certificate = AsnConvert.parse(der, Certificate);
    const { notBefore, notAfter } = certificate.tbsCertificate.validity;
    const [notBeforeMs, notAfterMs] = [notBefore.getTime().getTime(), notAfter.getTime().getTime()];
    const fits = notAfterMs - notBeforeMs <= lifeMaxMs;
    return { identity: fits ? identify(certificate, trustDomain) : 'life', notBeforeMs, notAfterMs };
  } catch {
    return unparsable;
  }
}

function identify(certificate: Certificate, trustDomain: string): Identity | PeerRefusal {
  const { tbsCertificate: content, signatureAlgorithm } = certificate;
  if (signatureAlgorithm.algorithm !== ecdsaWithSha256) return 'signature';
  const refusal = examineKey(content) ?? examineConstraints(content);
  if (refusal !== undefined) return refusal;
  const identity = examineNames(content, trustDomain);
  return typeof identity === 'string' ? identity : (examinePurpose(content, identity) ?? identity);
}

function examineKey({ subjectPublicKeyInfo: { algorithm } }: TBSCertificate): PeerRefusal | undefined {
  const curve = algorithm.parameters ? toHex(new Uint8Array(algorithm.parameters)) : '';
  return algorithm.algorithm === ecPublicKey && curve === p256 ? undefined : 'key';
}

function examineConstraints(content: TBSCertificate): PeerRefusal | undefined {
  const seen = new Set<string>();
  for (const { extnID, critical } of content.extensions ?? []) {
    if (seen.has(extnID) || (critical && !knownExtensions.has(extnID))) return 'extension';
    seen.add(extnID);
  }
  const constraints = extensionValue(content, oid.basicConstraints);
  if (constraints === undefined || AsnConvert.parse(constraints, BasicConstraints).cA) return 'authority';
  const usage = extensionValue(content, oid.keyUsage);
  if (usage === undefined) return 'key-usage';
  return AsnConvert.parse(usage, KeyUsage).toNumber() === KeyUsageFlags.digitalSignature
    ? undefined
    : 'key-usage';
}

/** From the DER, never from the text form: a comma inside a name would look like two names. */
function examineNames(content: TBSCertificate, trustDomain: string): Identity | PeerRefusal {
  const value = extensionValue(content, oid.subjectAltName);
  if (value === undefined) return 'no-san';
  const names = [...AsnConvert.parse(value, GeneralNames)];
  const uris = names.flatMap((name) => name.uniformResourceIdentifier ?? []);
  if (uris.length > 1) return 'two-uris';
  const [uri] = uris;
  if (uri === undefined) return 'no-uri';
  const identity = parseIdentity(uri, trustDomain);
  if (typeof identity === 'string') return identity;
  const hosts = names.filter((name) => name.dNSName !== undefined || name.iPAddress !== undefined);
  if (uris.length + hosts.length !== names.length) return 'other-name';
  return hosts.length === 0 || serves(identity.role) ? identity : 'other-name';
}

function examinePurpose(content: TBSCertificate, { role }: Identity): PeerRefusal | undefined {
  const value = extensionValue(content, oid.extendedKeyUsage);
  const found = value === undefined ? [] : [...AsnConvert.parse(value, ExtendedKeyUsage)].sort();
  const expected = serves(role) ? [oid.serverAuth, oid.clientAuth] : [oid.clientAuth];
  return found.join() === expected.join() ? undefined : 'extended-key-usage';
}

function extensionValue(content: TBSCertificate, id: string): ArrayBuffer | undefined {
  return content.extensions?.find(({ extnID }) => extnID === id)?.extnValue.buffer;
}
