import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { assert } from '../core/base/assert.ts';
import { fault } from '../core/base/errors.ts';
import { type Authority, authorityName, backDateMs } from './authority.ts';
import { basicConstraints, extendedKeyUsage, keyUsage, oid, subjectAltName } from './extensions.ts';
import { fingerprintOf } from './fingerprint.ts';
import {
  type Identity,
  nameFits,
  printIdentity,
  type Role,
  serves,
  sitePattern,
  trustDomainPattern,
} from './identity.ts';
import { type Issuance, signCertificate } from './sign-certificate.ts';

/** What the authority decides about a certificate; from the request it takes the public key alone. */
export interface Leaf {
  readonly identity: Identity;
  /** Host names and addresses under which the site serves; only for gate, node and hub. */
  readonly hosts: readonly string[];
  /** SubjectPublicKeyInfo DER of a checked request. */
  readonly publicKey: Uint8Array;
  /** 1 to 30; the default is 30. */
  readonly lifeDays?: number;
}

export interface IssuedCertificate {
  /** DER. */
  readonly certificate: Uint8Array;
  /** SHA-256 of the DER, lower-case hex: how a certificate is named everywhere. */
  readonly fingerprint: string;
  /** Lower-case hex without leading zeros, for revocation lists only. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const dayMs = 86_400_000;
export const lifeDaysMax = 30;
/** A site that is off over a long holiday comes back by itself; revoking works within a second anyway. */
const lifeDaysDefault = 30;
const hostsMax = 16;
const hostPattern = trustDomainPattern;

/** Throws TB1307, TB1308, TB1309. */
export async function issueLeaf(
  issuing: Authority,
  leaf: Leaf,
  issuance: Issuance,
): Promise<IssuedCertificate> {
  const { identity, hosts, publicKey, lifeDays = lifeDaysDefault } = leaf;
  const { trustDomain, site, role, name } = identity;
  assert(trustDomainPattern.test(trustDomain) && sitePattern.test(site), 'a malformed identity');
  assert(nameFits(role, name), `a ${role} with the wrong kind of name`);
  if (!(lifeDays >= 1 && lifeDays <= lifeDaysMax)) throw fault('TB1308', { days: lifeDays });
  checkHosts(role, hosts);
  const nowMs = issuance.clock.nowMs();
  const notAfterMs = nowMs + lifeDays * dayMs;
  const issuer = new X509Certificate(issuing.certificate);
  if (issuer.validToDate.getTime() < notAfterMs) {
    const end = issuer.validToDate.toISOString();
    throw fault('TB1307', { authority: authorityName(issuing.certificate), end });
  }
  const certificate = await signCertificate(
    {
      commonName: [site, role, name].filter((part) => part !== '').join(' '),
      trustDomain,
      publicKey,
      notBeforeMs: nowMs - backDateMs,
      notAfterMs,
      extensions: [
        basicConstraints(false),
        keyUsage('leaf'),
        extendedKeyUsage(serves(role) ? [oid.clientAuth, oid.serverAuth] : [oid.clientAuth]),
        subjectAltName(printIdentity(identity), hosts),
      ],
    },
    issuing.certificate,
    issuing.privateKey,
    issuance,
  );
  return describeCertificate(certificate);
}

/** What a certificate (DER) says of itself, in the forms in which it is stored and compared. */
export function describeCertificate(certificate: Uint8Array): IssuedCertificate {
  const parsed = new X509Certificate(certificate);
  return {
    certificate,
    fingerprint: fingerprintOf(certificate),
    serial: parsed.serialNumber.toLowerCase().replace(/^0+/, ''),
    notBeforeMs: parsed.validFromDate.getTime(),
    notAfterMs: parsed.validToDate.getTime(),
  };
}

/** TB1309 for names that the authority would not write into a certificate of this role. */
export function checkHosts(role: Role, hosts: readonly string[]): void {
  const refuse = (reason: string) => fault('TB1309', { role, reason });
  if (hosts.length > 0 && !serves(role)) throw refuse('not a server');
  if (hosts.length > hostsMax) throw refuse(`${hosts.length} names`);
  if (hosts.some((host) => host.length > 253 || !(isIP(host) > 0 || hostPattern.test(host)))) {
    throw refuse('not a host name');
  }
}
