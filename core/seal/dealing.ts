import { ristretto255_FROST as frost, ristretto255 } from '@noble/curves/ed25519.js';
import { assert } from '../base/assert.ts';
import { equal, wipe } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { sealLimits } from './limits.ts';
import { sealError } from './seal-error.ts';
import type { ShareSet } from './share-set.ts';

/**
 * Feldman verifiable secret sharing over ristretto255 (RFC 9591 Appendix C). The library neither compares
 * the count of commitments with the threshold nor notices an altered share when it combines, so both are
 * checked here: shares reach `combine` only through `checkShare`, and s·G must be the first commitment.
 */
export interface Dealing {
  /** The shared scalar, 32 bytes; the caller wipes it. */
  readonly secret: Uint8Array;
  /** Exactly `threshold`, the constant term first. */
  readonly commitments: readonly Uint8Array[];
  /** 32 bytes for each officer, in the order in which they were named; the caller wipes them. */
  readonly shares: readonly Uint8Array[];
}

/** What of a share set the arithmetic needs. */
export type Polynomial = Pick<ShareSet, 'setId' | 'threshold' | 'commitments'> & {
  readonly holders: readonly { readonly officer: string; readonly identifier: string }[];
};

/** The holder's x coordinate, derived from the officer id. */
export function holderIdentifier(officer: string): string {
  return frost.Identifier.derive(officer);
}

/** Deals a new random secret to named officers; t ≥ 2, so that no one person can ever open it (I12). */
export function deal(threshold: number, officers: readonly string[], setId: string, random: Random): Dealing {
  checkThreshold(threshold, officers);
  const holders = officers.map((officer) => ({ officer, identifier: holderIdentifier(officer) }));
  const signers = { min: threshold, max: officers.length };
  const ids = holders.map((holder) => holder.identifier);
  const source = (length = 32) => Uint8Array.from(random.bytes(length));
  const dealt = frost.trustedDealer(signers, ids, undefined, source);
  const set: Polynomial = { setId, threshold, commitments: dealt.public.commitments, holders };
  checkCommitments(set);
  const shares = new Map<string, Uint8Array>();
  for (const { officer, identifier } of holders) {
    const share = dealt.secretShares[identifier]?.signingShare;
    assert(share !== undefined, 'the dealer has a share for every identifier');
    shares.set(officer, share);
  }
  return { secret: combine(set, shares), commitments: set.commitments, shares: [...shares.values()] };
}

/** At dealing, at acceptance, at every start: a polynomial of another degree has another count (T17). */
export function checkCommitments(set: Polynomial): void {
  checkThreshold(
    set.threshold,
    set.holders.map((holder) => holder.officer),
  );
  const points = set.commitments.filter(isPoint).length;
  if (set.commitments.length !== set.threshold || points !== set.threshold) {
    throw fault(sealError.dealingRefused, { set: set.setId, found: points, threshold: set.threshold });
  }
  for (const { officer, identifier } of set.holders) {
    const own = identifier === holderIdentifier(officer);
    if (!own) throw fault(sealError.shareWrongHolder, { officer, set: set.setId, holder: identifier });
  }
}

/** Throws SHARE_INVALID unless `share` is the officer's point on the committed polynomial. */
export function checkShare(set: Polynomial, officer: string, share: Uint8Array): void {
  checkCommitments(set);
  const secret = { identifier: holderIdentifier(officer), signingShare: Uint8Array.from(share) };
  const signers = { min: set.threshold, max: set.holders.length };
  const commitments = set.commitments.map((point) => Uint8Array.from(point));
  try {
    frost.validateSecret(secret, { signers, commitments, verifyingShares: {} });
  } catch {
    // without the library's error as the cause: it may quote the share
    throw fault(sealError.shareInvalid, { officer, set: set.setId });
  } finally {
    wipe(secret.signingShare);
  }
}

/** The secret of at least `threshold` shares by officer; each is checked again before it is used. */
export function combine(set: Polynomial, shares: ReadonlyMap<string, Uint8Array>): Uint8Array {
  if (shares.size < set.threshold) {
    throw fault(sealError.thresholdNotMet, { have: shares.size, need: set.threshold });
  }
  for (const [officer, share] of shares) checkShare(set, officer, share);
  const parts = [...shares].map(([officer, share]) => ({
    identifier: holderIdentifier(officer),
    signingShare: Uint8Array.from(share),
  }));
  const secret = frost.combineSecret(parts, { min: set.threshold, max: set.holders.length });
  wipe(...parts.map((part) => part.signingShare));
  const point = ristretto255.Point.BASE.multiply(ristretto255.Point.Fn.fromBytes(secret)).toBytes();
  assert(
    equal(point, set.commitments[0] ?? new Uint8Array()),
    'valid shares combine to the committed secret',
  );
  return secret;
}

/** Throws TB1221: t ≥ 2, t ≤ n, distinct officers with ids that a manifest can carry. */
export function checkThreshold(threshold: number, officers: readonly string[]): void {
  const refuse = (reason: string) =>
    fault(sealError.thresholdRefused, { threshold, holders: officers.length, reason });
  if (!Number.isSafeInteger(threshold) || threshold < 2) throw refuse('t < 2');
  if (threshold > officers.length) throw refuse('t > n');
  if (officers.length > sealLimits.holdersMax) throw refuse(`n > ${sealLimits.holdersMax}`);
  if (new Set(officers).size !== officers.length) throw refuse('officer id twice');
  if (!officers.every((officer) => /^[a-z0-9-]{1,32}$/.test(officer))) throw refuse('officer id');
}

function isPoint(bytes: Uint8Array): boolean {
  try {
    return !ristretto255.Point.fromBytes(Uint8Array.from(bytes)).is0();
  } catch {
    return false;
  }
}
