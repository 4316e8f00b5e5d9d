import { X509Certificate } from 'node:crypto';
import { assert } from '../core/base/assert.ts';
import { basicConstraints, keyUsage, nameConstraint } from './extensions.ts';
import { trustDomainPattern } from './identity.ts';
import { generateKeyPair, keyIdentifier } from './key-pair.ts';
import { type Issuance, signCertificate } from './sign-certificate.ts';

/** A root or an issuing authority with its key. */
export interface Authority {
  /** DER. */
  readonly certificate: Uint8Array;
  /** PKCS#8 DER, secret: the root's is kept off line, the issuing one's in the province's ring. */
  readonly privateKey: Uint8Array;
}

export interface Generation {
  readonly trustDomain: string;
  /** From 1; a roll-over counts up. */
  readonly number: number;
}

const dayMs = 86_400_000;
/** Longer than anybody plans for, short enough for P-256: 10 years and their leap days. */
const rootLifeMs = 3_653 * dayMs;
/** A province changes its issuing authority about three times in the life of its root. */
const issuingLifeMs = 1_096 * dayMs;
/** Clocks differ: what was issued now is valid for a machine that is up to 10 minutes behind. */
export const backDateMs = 600_000;

export function createRoot(generation: Generation, issuance: Issuance): Promise<Authority> {
  return create('root', generation, undefined, issuance);
}

/** Path length 0 and a critical name constraint: it issues leafs of its own trust domain, nothing else. */
export function createIssuing(
  root: Authority,
  generation: Generation,
  issuance: Issuance,
): Promise<Authority> {
  return create('issuing', generation, root, issuance);
}

async function create(
  kind: 'root' | 'issuing',
  { trustDomain, number }: Generation,
  root: Authority | undefined,
  issuance: Issuance,
): Promise<Authority> {
  assert(trustDomainPattern.test(trustDomain), 'a malformed trust domain');
  assert(Number.isSafeInteger(number) && number > 0, 'generations count from 1');
  const { privateKey, publicKey } = generateKeyPair();
  const nowMs = issuance.clock.nowMs();
  const certificate = await signCertificate(
    {
      // Two authorities of one name break each other's revocation lists, so the key is part of the name.
      commonName: `Tongbu ${kind} ${number} ${keyIdentifier(publicKey).slice(0, 8)}`,
      trustDomain,
      publicKey,
      notBeforeMs: nowMs - backDateMs,
      notAfterMs: nowMs + (root === undefined ? rootLifeMs : issuingLifeMs),
      extensions:
        root === undefined
          ? [basicConstraints(true), keyUsage('authority')]
          : [basicConstraints(true, 0), keyUsage('authority'), nameConstraint(trustDomain)],
    },
    root?.certificate ?? 'itself',
    root?.privateKey ?? privateKey,
    issuance,
  );
  return { certificate, privateKey };
}

/** For people: the common name of an authority's certificate (DER). */
export function authorityName(certificate: Uint8Array): string {
  return /CN=(.+)/.exec(new X509Certificate(certificate).subject)?.[1] ?? '?';
}

/** Which generation of its trust domain a root (DER) is, from its name; 1 where it does not say. */
export function generationOf(root: Uint8Array): number {
  return Number(/ root ([1-9][0-9]{0,5}) /.exec(authorityName(root))?.[1] ?? 1);
}
