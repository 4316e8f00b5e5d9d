import { Fault, fault } from '../base/errors.ts';
import type { FileSystem } from './file-system.ts';
import { sealLimits } from './limits.ts';
import { sealError } from './seal-error.ts';
import { parseState, printState, type SealState } from './seal-state.ts';
import { readSecretFile, replaceSecretFile } from './secret-file.ts';

/**
 * `seal.state`, the one place of all sealed state, replaced whole. After a failure that leaves its content
 * unknown nothing more is written until a new process has read what is there (I10).
 */
export class StateFile {
  readonly path: string;
  readonly #files: FileSystem;
  #unknown = false;

  constructor(path: string, files: FileSystem) {
    this.path = path;
    this.#files = files;
  }

  /** Undefined when the site has no keys yet. Throws STATE_DAMAGED also for the state of another site. */
  read(site: string): SealState | undefined {
    const bytes = readSecretFile(this.#files, this.path, sealLimits.stateBytesMax);
    if (bytes === undefined) return undefined;
    const state = parseState(bytes);
    if (typeof state === 'string') throw fault(sealError.stateDamaged, { path: this.path, reason: state });
    if (state.site !== site) {
      throw fault(sealError.stateDamaged, { path: this.path, reason: `site ${state.site}` });
    }
    return state;
  }

  /** Durable when it returns. Throws TB1227 (nothing changed) or TB1228 (unknown: stop the process). */
  write(state: SealState): void {
    if (this.#unknown) throw fault(sealError.durabilityUnknown, { path: this.path });
    try {
      replaceSecretFile(this.#files, this.path, printState(state));
    } catch (error) {
      this.#unknown = error instanceof Fault && error.code === sealError.durabilityUnknown;
      throw error;
    }
  }
}
