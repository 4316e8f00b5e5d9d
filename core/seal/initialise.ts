import { assert } from '../base/assert.ts';
import { toHex, wipe } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { KnownSet } from './acceptance.ts';
import type { Ceremony } from './ceremony.ts';
import { deal, holderIdentifier } from './dealing.ts';
import type { FileSystem } from './file-system.ts';
import { Journal } from './journal.ts';
import type { JournalKey } from './journal-key.ts';
import { createJournalKey, readJournalKey } from './journal-key-file.ts';
import type { KeyRing } from './key-ring.ts';
import { sealLimits } from './limits.ts';
import { openKeys } from './opening.ts';
import { sealError } from './seal-error.ts';
import { sealFiles } from './seal-files.ts';
import type { SealState } from './seal-state.ts';
import type { Share } from './share.ts';
import { manifestHash, parseManifest, printManifest, type ShareSet } from './share-set.ts';
import { StateFile } from './state-file.ts';
import { ringPlace, rootPlace, unsealKey, wrap } from './wrapping.ts';

export interface InitOptions {
  readonly site: string;
  /** Names the journal key `<trust domain>/journal/<site>`. */
  readonly trustDomain: string;
  readonly threshold: number;
  /** Distinct officers; `certificateFingerprint` is the SHA-256 of the certificate's DER, lower-case hex. */
  readonly holders: readonly { readonly officer: string; readonly certificateFingerprint: string }[];
  /** The keys to seal; still the caller's, who wipes it. */
  readonly ring: KeyRing;
  readonly clock: Clock;
  readonly random: Random;
  readonly files: FileSystem;
  readonly openedBy: string;
  readonly reason: string;
}

export interface Initialised {
  /** One for each holder, in their order; the caller writes the share files and wipes the values. */
  readonly shares: Share[];
  /** The signed note, for the officers. */
  readonly manifest: Buffer;
  readonly manifestHash: string;
}

/**
 * Deals the first share set of a site and stores it as pending: it protects nothing until every holder has
 * confirmed the own share. Order: journal key, journal record, state. A crash in between leaves no state, or
 * a whole one that holds no data yet; either way `init` is simply run again.
 */
export function initialise(folder: string, options: InitOptions): Initialised {
  const { site, clock, random, files, openedBy } = options;
  files.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const paths = sealFiles(folder);
  const stateFile = new StateFile(paths.state, files);
  const before = stateFile.read(site);
  if (before?.active !== undefined) {
    throw fault(sealError.alreadyInitialised, { site, epoch: before.active.set.epoch });
  }
  const name = `${options.trustDomain}/journal/${site}`;
  const key =
    readJournalKey(files, paths.journalKey, name) ?? createJournalKey(files, paths.journalKey, name, random);
  const journal = Journal.open(paths.journal, site, key, files);
  if (journal.activated()) throw fault(sealError.stateDamaged, { path: paths.state, reason: 'missing' });
  const epoch = (before?.epoch ?? 0) + 1;
  const dealt = dealSet(options, epoch, key);
  const state: SealState = {
    site,
    epoch,
    ...wrapRing(options, dealt),
    active: undefined,
    retired: withAbandoned(before),
    ceremony: initCeremony(options, dealt.set),
  };
  assertOpens(state, dealt.shares);
  const entry = {
    timeMs: clock.nowMs(),
    ceremony: state.ceremony?.id ?? '-',
    step: 'dealt',
    officer: openedBy,
  };
  journal.append({ ...entry, result: `epoch-${epoch}` });
  stateFile.write(state);
  return { shares: dealt.shares, manifest: dealt.manifest, manifestHash: manifestHash(dealt.manifest) };
}

interface DealtSet {
  readonly set: ShareSet;
  readonly manifest: Buffer;
  readonly shares: Share[];
  readonly secret: Uint8Array;
}

function dealSet(options: InitOptions, epoch: number, key: JournalKey): DealtSet {
  const { site, threshold, random, clock } = options;
  const setId = toHex(random.bytes(16));
  const officers = options.holders.map(({ officer }) => officer);
  const { secret, commitments, shares } = deal(threshold, officers, setId, random);
  const holders = options.holders.map(({ officer, certificateFingerprint }, index) => ({
    number: index + 1,
    identifier: holderIdentifier(officer),
    officer,
    certificateFingerprint,
  }));
  const createdMs = Math.floor(clock.nowMs() / 1000) * 1000;
  const manifest = printManifest({ site, setId, epoch, threshold, createdMs, commitments, holders }, key);
  const set = parseManifest(manifest);
  assert(set !== undefined, 'a manifest is read back as it was printed');
  const common = {
    site,
    setId,
    epoch,
    threshold,
    holders: holders.length,
    manifestHash: manifestHash(manifest),
  };
  const dealt = holders.map(({ officer, number }, index): Share => {
    const value = shares[index];
    assert(value !== undefined, 'one share for each holder');
    return { ...common, holder: number, officer, value };
  });
  return { set, manifest, shares: dealt, secret };
}

function wrapRing(options: InitOptions, dealt: DealtSet): Pick<SealState, 'pending' | 'wrappedRing'> {
  const { site, random, ring } = options;
  const { set, manifest, secret } = dealt;
  const root = random.bytes(32);
  const key = unsealKey(secret, set.setId);
  const bytes = ring.toBytes();
  const wrappedRoot = wrap(key, root, rootPlace(site, set.setId, set.epoch), random);
  const wrappedRing = wrap(root, bytes, ringPlace(site, set.epoch), random);
  wipe(secret, root, key, bytes);
  return { pending: { manifest, set, wrappedRoot }, wrappedRing };
}

/** The first t and the last t shares, as their holders will have them, open what is about to be stored. */
function assertOpens(state: SealState, shares: readonly Share[]): void {
  const { pending } = state;
  assert(pending !== undefined, 'init stores a pending set');
  const { threshold } = pending.set;
  for (const some of [shares.slice(0, threshold), shares.slice(-threshold)]) {
    const keys = openKeys(state, pending, new Map(some.map((share) => [share.officer, share.value])));
    assert(keys !== undefined, 'the dealt shares open the ring');
    wipe(keys.root);
    keys.ring.wipe();
  }
}

function initCeremony(options: InitOptions, set: ShareSet): Ceremony {
  const openedAtMs = options.clock.nowMs();
  return {
    id: toHex(options.random.bytes(16)),
    kind: 'init',
    setId: set.setId,
    required: set.holders.length,
    received: [],
    openedBy: options.openedBy,
    openedAtMs,
    expiresAtMs: openedAtMs + sealLimits.confirmationMs,
    reason: options.reason,
  };
}

/** Known sets, with the one that an earlier `init` dealt and nobody will confirm any more. */
function withAbandoned(before: SealState | undefined): KnownSet[] {
  const abandoned = before?.pending === undefined ? [] : [before.pending.set];
  const known = [...abandoned, ...(before?.retired ?? [])].map(({ setId, epoch }) => ({ setId, epoch }));
  return known.slice(0, sealLimits.retiredSetsMax);
}
