import { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { BasicConstraints, Certificate, NameConstraints } from '@peculiar/asn1-x509';
import { fault } from '../core/base/errors.ts';
import { keyIdOf } from './certificate-record.ts';
import { oid } from './extensions.ts';
import { trustDomainOf } from './issued-identity.ts';
import { publicKeyOf } from './key-pair.ts';
import './x509.ts';

/** A root and the issuing authority below it, DER. */
export interface OfferedGeneration {
  readonly root: Uint8Array;
  readonly issuing: Uint8Array;
}

/**
 * Whether both are what the next generation of a trust domain has to be, beside `known` ones: names and keys
 * of their own (two authorities of one name break each other's lists), the issuing one bound to the domain.
 * Throws TB1360.
 */
export function checkGeneration(
  { root, issuing }: OfferedGeneration,
  trustDomain: string,
  known: readonly OfferedGeneration[],
  nowMs: number,
): void {
  const refuse = (reason: string, cause?: unknown) => fault('TB1360', { domain: trustDomain, reason }, cause);
  let top: X509Certificate;
  let below: X509Certificate;
  try {
    [top, below] = [new X509Certificate(root), new X509Certificate(issuing)];
  } catch (error) {
    throw refuse('a certificate does not parse', error);
  }
  if (!top.ca || !below.ca) throw refuse('one of the two is no authority');
  if (!(top.checkIssued(top) && top.verify(top.publicKey))) throw refuse('the root is not signed by itself');
  if (!(below.checkIssued(top) && below.verify(top.publicKey))) {
    throw refuse('the root has not signed the issuing authority');
  }
  if (trustDomainOf(root) !== trustDomain || !isBound(issuing, trustDomain)) {
    throw refuse('it belongs to another trust domain, or to none alone');
  }
  for (const each of [top, below]) {
    if (each.validFromDate.getTime() > nowMs || each.validToDate.getTime() <= nowMs) {
      throw refuse('it is not valid now');
    }
  }
  const all = known.flatMap((generation) => [generation.root, generation.issuing]);
  const names = new Set(all.map((der) => new X509Certificate(der).subject));
  const keys = new Set(all.map(keyIdOf));
  if (names.has(top.subject) || names.has(below.subject) || top.subject === below.subject) {
    throw refuse('an authority of that name exists');
  }
  if ([root, issuing].some((der) => keys.has(keyIdOf(der))) || keyIdOf(root) === keyIdOf(issuing)) {
    throw refuse('a key of it was used before');
  }
}

/** Throws TB1360 unless the key (PKCS#8 DER) belongs to the certificate. */
export function checkAuthorityKey(issuing: Uint8Array, privateKey: Uint8Array, trustDomain: string): void {
  let own = false;
  try {
    const certified = new X509Certificate(issuing).publicKey.export({ type: 'spki', format: 'der' });
    own = publicKeyOf(privateKey).equals(certified);
  } catch {
    own = false;
  }
  if (!own) throw fault('TB1360', { domain: trustDomain, reason: 'the key is not that of its certificate' });
}

/** Path length 0 and a name constraint to this domain alone: it can't name another province's sites. */
function isBound(issuing: Uint8Array, trustDomain: string): boolean {
  const { extensions = [] } = AsnConvert.parse(issuing, Certificate).tbsCertificate;
  const value = (id: string) => extensions.find(({ extnID }) => extnID === id);
  const constraints = value(oid.nameConstraints);
  const basic = value(oid.basicConstraints);
  if (!constraints?.critical || !basic) return false;
  const { permittedSubtrees } = AsnConvert.parse(constraints.extnValue.buffer, NameConstraints);
  const names = [...(permittedSubtrees ?? [])].map(({ base }) => base.uniformResourceIdentifier);
  const { pathLenConstraint } = AsnConvert.parse(basic.extnValue.buffer, BasicConstraints);
  return pathLenConstraint === 0 && names.length === 1 && names[0] === trustDomain;
}
