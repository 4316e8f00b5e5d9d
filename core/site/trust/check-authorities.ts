import { X509Certificate } from 'node:crypto';
import { keyIdOf } from '../../../certs/certificate-record.ts';
import { fingerprintOf } from '../../../certs/fingerprint.ts';
import { trustDomainOf } from '../../../certs/issued-identity.ts';
import { equal } from '../../base/bytes.ts';
import { type Fault, fault } from '../../base/errors.ts';

export interface Authorities {
  /** DER. */
  readonly roots: readonly Uint8Array[];
  readonly issuers: readonly Uint8Array[];
}

/** Generations of one trust domain at a time: two during a roll-over; more is somebody's mistake (I7). */
const rootsMax = 4;

/**
 * The authorities after a lesson: genuine ones of this trust domain are added, retired ones left out. The
 * root above the own certificate stays whatever is said, or the site could reach nobody who could correct it.
 * Throws TB1390.
 */
export function checkAuthorities(
  known: Authorities,
  lesson: Authorities & { readonly retired: readonly string[] },
  trustDomain: string,
  ownRoot: Uint8Array | undefined,
): Authorities & { readonly keyIds: ReadonlySet<string> } {
  const stays = (der: Uint8Array) => ownRoot !== undefined && equal(der, ownRoot);
  const gone = new Set(lesson.retired);
  const fresh = lesson.roots.filter((der) => !holds(known.roots, der));
  for (const der of fresh) checkRoot(der, trustDomain);
  const roots = [...known.roots, ...fresh].filter((der) => stays(der) || !gone.has(fingerprintOf(der)));
  if (roots.length > rootsMax) throw refuse(`${roots.length} roots`);
  const added = lesson.issuers.filter((der) => !holds(known.issuers, der));
  for (const der of added) {
    if (!issuedByOne(der, [...roots, ...known.roots, ...fresh])) throw refuse('no trusted root issued it');
  }
  const issuers = [...known.issuers, ...added].filter((der) => issuedByOne(der, roots));
  return { roots, issuers, keyIds: new Set([...roots, ...issuers].map(keyIdOf)) };
}

export function sameCertificates(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((der) => holds(b, der));
}

function checkRoot(der: Uint8Array, trustDomain: string): void {
  let root: X509Certificate;
  let whole: boolean;
  try {
    root = new X509Certificate(der);
    whole = root.ca && root.checkIssued(root) && root.verify(root.publicKey) && root.raw.equals(der);
  } catch (error) {
    throw refuse('it does not parse', error);
  }
  if (!whole) throw refuse('it is no root');
  if (trustDomainOf(der) !== trustDomain) throw refuse('it is of another trust domain');
}

function issuedByOne(der: Uint8Array, roots: readonly Uint8Array[]): boolean {
  try {
    const issuing = new X509Certificate(der);
    if (!issuing.ca || !issuing.raw.equals(der)) return false;
    return roots.some((each) => {
      const root = new X509Certificate(each);
      return issuing.checkIssued(root) && issuing.verify(root.publicKey);
    });
  } catch {
    return false;
  }
}

function holds(all: readonly Uint8Array[], der: Uint8Array): boolean {
  return all.some((each) => equal(each, der));
}

function refuse(reason: string, cause?: unknown): Fault {
  return fault('TB1390', { reason }, cause);
}
