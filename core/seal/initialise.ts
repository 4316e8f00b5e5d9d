import { toHex, wipe } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import type { KnownSet } from './acceptance.ts';
import type { Ceremony } from './ceremony.ts';
import { type DealtSet, dealSet, type SetOrder } from './deal-set.ts';
import type { FileSystem } from './file-system.ts';
import { Journal } from './journal.ts';
import type { JournalKey } from './journal-key.ts';
import { createJournalKey, readJournalKey } from './journal-key-file.ts';
import type { KeyRing } from './key-ring.ts';
import { sealLimits } from './limits.ts';
import { sealError } from './seal-error.ts';
import { sealFiles } from './seal-files.ts';
import type { SealState } from './seal-state.ts';
import type { Share } from './share.ts';
import { manifestHash, type ShareSet } from './share-set.ts';
import { StateFile } from './state-file.ts';
import { ringPlace, wrap } from './wrapping.ts';

export interface InitOptions extends SetOrder {
  /** Names the journal key `<trust domain>/journal/<site>`. */
  readonly trustDomain: string;
  /** The keys to seal; still the caller's, who wipes it. */
  readonly ring: KeyRing;
  readonly clock: Clock;
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
  const { dealt, ring } = sealRing(options, epoch, key);
  const { manifest, set } = dealt.stored;
  const state: SealState = {
    site,
    epoch,
    wrappedRing: ring,
    active: undefined,
    pending: dealt.stored,
    change: undefined,
    unproved: [],
    retired: withAbandoned(before),
    ceremony: initCeremony(options, set),
  };
  const entry = {
    timeMs: clock.nowMs(),
    ceremony: state.ceremony?.id ?? '-',
    step: 'dealt',
    officer: openedBy,
  };
  journal.append({ ...entry, result: `epoch-${epoch}` });
  stateFile.write(state);
  return { shares: dealt.shares, manifest, manifestHash: manifestHash(manifest) };
}

/** A new root key and the ring under it. The first set has the state's own epoch. */
function sealRing(options: InitOptions, epoch: number, key: JournalKey): { dealt: DealtSet; ring: Buffer } {
  const { site, random } = options;
  const root = random.bytes(32);
  const bytes = options.ring.toBytes();
  try {
    const ring = wrap(root, bytes, ringPlace(site, epoch), random);
    return { dealt: dealSet(options, epoch, root, key), ring };
  } finally {
    wipe(root, bytes);
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
