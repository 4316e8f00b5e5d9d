import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { Fault, fault } from '../base/errors.ts';
import type { KnownSet } from './acceptance.ts';
import { checkCommitments } from './dealing.ts';
import type { FileSystem } from './file-system.ts';
import { Journal } from './journal.ts';
import type { JournalKey } from './journal-key.ts';
import { readJournalKey } from './journal-key-file.ts';
import { sealLimits } from './limits.ts';
import { PendingShareFiles } from './pending-share-files.ts';
import { sealError } from './seal-error.ts';
import { sealFiles } from './seal-files.ts';
import type { SealState } from './seal-state.ts';
import { StateFile } from './state-file.ts';

/** The durable half of a seal: the state as the disk has it, and the journal. No secret is in it. */
export class SealStore {
  /** Undefined for a site that was set up but has no keys. */
  readonly journal: Journal | undefined;
  /** Signs manifests, as it signs the journal; undefined with the journal. */
  readonly journalKey: JournalKey | undefined;
  /** Share files that wait for their holders. */
  readonly shareFiles: PendingShareFiles;
  readonly #stateFile: StateFile;
  readonly #clock: Clock;
  #state: SealState | undefined;
  #refusals = 0;

  private constructor(parts: {
    readonly stateFile: StateFile;
    readonly clock: Clock;
    readonly shareFiles: PendingShareFiles;
    readonly state?: SealState;
    readonly journal?: Journal;
    readonly journalKey?: JournalKey;
  }) {
    this.#stateFile = parts.stateFile;
    this.#clock = parts.clock;
    this.#state = parts.state;
    this.shareFiles = parts.shareFiles;
    this.journal = parts.journal;
    this.journalKey = parts.journalKey;
  }

  /** Throws STATE_DAMAGED, TB1223 (readable by others) or TB1225 (another count of commitments). */
  static open(folder: string, site: string, clock: Clock, files: FileSystem): SealStore {
    const paths = sealFiles(folder);
    const stateFile = new StateFile(paths.state, files);
    const shareFiles = new PendingShareFiles(paths.pending, files);
    const state = stateFile.read(site);
    const newest = state?.active ?? state?.pending;
    if (state === undefined || newest === undefined) {
      const key = readJournalKey(files, paths.journalKey, site); // the name matters to a manifest only
      const lost = key !== undefined && Journal.open(paths.journal, site, key, files).activated();
      if (lost) throw fault(sealError.stateDamaged, { path: paths.state, reason: 'missing' });
      return new SealStore({ stateFile, clock, shareFiles });
    }
    for (const stored of [state.active, state.pending]) {
      if (stored !== undefined) checkCommitments(stored.set);
    }
    const verifier = newest.set.journal;
    const key = readJournalKey(files, paths.journalKey, verifier.name);
    if (key?.verifier.print() !== verifier.print()) {
      throw fault(sealError.stateDamaged, { path: paths.journalKey, reason: 'not the key of the manifest' });
    }
    const journal = Journal.open(paths.journal, site, key, files);
    const store = new SealStore({ stateFile, clock, shareFiles, state, journal, journalKey: key });
    store.tidyShareFiles();
    return store;
  }

  get state(): SealState | undefined {
    return this.#state;
  }

  get path(): string {
    return this.#stateFile.path;
  }

  /** Journal first: an act that can't be recorded is not done (T20). Durable when it returns. */
  record(ceremony: string, step: string, officer: string, result: string): void {
    assert(this.journal !== undefined, 'a site with a state has a journal');
    this.journal.append({ timeMs: this.#clock.nowMs(), ceremony, step, officer, result });
  }

  /** Durable when it returns; after a failure `state` is what it was. */
  replace(state: SealState): void {
    this.#stateFile.write(state);
    this.#state = state;
  }

  /** Writes a refusal to the journal as well, up to a limit, and passes it on. */
  refusing<T>(officer: string, ceremony: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      const counted = error instanceof Fault && this.journal !== undefined;
      if (counted && this.#refusals < sealLimits.refusalRecordsMax) {
        this.#refusals += 1;
        this.record(ceremony, 'refused', officer, error.code);
      }
      throw error;
    }
  }

  /**
   * Removes share files that nobody can need: of a set that never came to be, was dropped, or whose holder
   * has proved the share. One that stays because the disk failed is encrypted to its holder, and goes later.
   */
  tidyShareFiles(): void {
    const { active, pending, change, unproved = [] } = this.#state ?? {};
    const waiting = change === undefined ? [] : (pending?.set.holders.map(({ officer }) => officer) ?? []);
    const kept = new Map([
      [active?.set.setId, unproved],
      [pending?.set.setId, waiting],
    ]);
    this.shareFiles.keepOnly((setId, officer) => kept.get(setId)?.includes(officer) ?? false);
  }

  /** All sets whose shares can be told by name. */
  knownSets(): KnownSet[] {
    const { active, pending, retired = [] } = this.#state ?? {};
    const current = [active, pending].flatMap((stored) => (stored === undefined ? [] : [stored.set]));
    return [...current.map(({ setId, epoch }) => ({ setId, epoch })), ...retired];
  }
}
