import { assert } from '../base/assert.ts';
import { toHex, wipe } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { deal, holderIdentifier } from './dealing.ts';
import type { JournalKey } from './journal-key.ts';
import { openRoot } from './opening.ts';
import type { StoredSet } from './seal-state.ts';
import type { Share } from './share.ts';
import { manifestHash, parseManifest, printManifest } from './share-set.ts';
import { rootPlace, unsealKey, wrap } from './wrapping.ts';

export interface SetOrder {
  readonly site: string;
  readonly threshold: number;
  /** Distinct officers; `certificateFingerprint` is the SHA-256 of the certificate's DER, lower-case hex. */
  readonly holders: readonly { readonly officer: string; readonly certificateFingerprint: string }[];
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly random: Random;
}

export interface DealtSet {
  readonly stored: StoredSet;
  /** One for each holder, in their order; the caller wipes the values. */
  readonly shares: Share[];
}

/**
 * Deals a new set, signs its manifest and wraps the root key (still the caller's) for it; nothing is written.
 * What the first t and the last t holders get is tried out before anybody relies on it. Throws TB1221.
 */
export function dealSet(order: SetOrder, epoch: number, root: Uint8Array, key: JournalKey): DealtSet {
  const { site, threshold, random, clock } = order;
  const setId = toHex(random.bytes(16));
  const officers = order.holders.map(({ officer }) => officer);
  const { secret, commitments, shares } = deal(threshold, officers, setId, random);
  const holders = order.holders.map(({ officer, certificateFingerprint }, index) => ({
    number: index + 1,
    identifier: holderIdentifier(officer),
    officer,
    certificateFingerprint,
  }));
  const createdMs = Math.floor(clock.nowMs() / 1000) * 1000;
  const manifest = printManifest({ site, setId, epoch, threshold, createdMs, commitments, holders }, key);
  const set = parseManifest(manifest);
  assert(set !== undefined, 'a manifest is read back as it was printed');
  const wrapping = unsealKey(secret, setId);
  const wrappedRoot = wrap(wrapping, root, rootPlace(site, setId, epoch), random);
  wipe(secret, wrapping);
  const common = { site, setId, epoch, threshold, holders: holders.length };
  const hash = manifestHash(manifest);
  const dealt = holders.map(({ officer, number }, index): Share => {
    const value = shares[index];
    assert(value !== undefined, 'one share for each holder');
    return { ...common, manifestHash: hash, holder: number, officer, value };
  });
  const stored = { set, manifest, wrappedRoot };
  assertOpens(stored, dealt, root);
  return { stored, shares: dealt };
}

function assertOpens(stored: StoredSet, shares: readonly Share[], root: Uint8Array): void {
  const { threshold } = stored.set;
  for (const some of [shares.slice(0, threshold), shares.slice(-threshold)]) {
    const opened = openRoot(stored, new Map(some.map((share) => [share.officer, share.value])));
    assert(opened !== undefined && Buffer.compare(opened.root, root) === 0, 'the dealt shares open the root');
    wipe(opened.key, opened.root);
  }
}
