import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { Fault, fault } from '../base/errors.ts';
import type { KnownSet } from './acceptance.ts';
import { checkCommitments } from './dealing.ts';
import type { FileSystem } from './file-system.ts';
import { Journal } from './journal.ts';
import { readJournalKey } from './journal-key-file.ts';
import { sealLimits } from './limits.ts';
import { sealError } from './seal-error.ts';
import { sealFiles } from './seal-files.ts';
import type { SealState } from './seal-state.ts';
import { StateFile } from './state-file.ts';

/** The durable half of a seal: the state as the disk has it, and the journal. No secret is in it. */
export class SealStore {
  /** Undefined for a site that was set up but has no keys. */
  readonly journal: Journal | undefined;
  readonly #stateFile: StateFile;
  readonly #clock: Clock;
  #state: SealState | undefined;
  #refusals = 0;

  private constructor(stateFile: StateFile, clock: Clock, state?: SealState, journal?: Journal) {
    this.#stateFile = stateFile;
    this.#clock = clock;
    this.#state = state;
    this.journal = journal;
  }

  /** Throws STATE_DAMAGED, TB1223 (readable by others) or TB1225 (another count of commitments). */
  static open(folder: string, site: string, clock: Clock, files: FileSystem): SealStore {
    const paths = sealFiles(folder);
    const stateFile = new StateFile(paths.state, files);
    const state = stateFile.read(site);
    const newest = state?.active ?? state?.pending;
    if (state === undefined || newest === undefined) {
      const key = readJournalKey(files, paths.journalKey, site); // the name matters to a manifest only
      const lost = key !== undefined && Journal.open(paths.journal, site, key, files).activated();
      if (lost) throw fault(sealError.stateDamaged, { path: paths.state, reason: 'missing' });
      return new SealStore(stateFile, clock);
    }
    for (const stored of [state.active, state.pending]) {
      if (stored !== undefined) checkCommitments(stored.set);
    }
    const verifier = newest.set.journal;
    const key = readJournalKey(files, paths.journalKey, verifier.name);
    if (key?.verifier.print() !== verifier.print()) {
      throw fault(sealError.stateDamaged, { path: paths.journalKey, reason: 'not the key of the manifest' });
    }
    return new SealStore(stateFile, clock, state, Journal.open(paths.journal, site, key, files));
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

  /** All sets whose shares can be told by name. */
  knownSets(): KnownSet[] {
    const { active, pending, retired = [] } = this.#state ?? {};
    const current = [active, pending].flatMap((stored) => (stored === undefined ? [] : [stored.set]));
    return [...current.map(({ setId, epoch }) => ({ setId, epoch })), ...retired];
  }
}
