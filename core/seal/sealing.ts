import { Fault } from '../base/errors.ts';
import type { SealCore } from './seal-core.ts';
import { checkReason } from './seal-core.ts';
import { sealError } from './seal-error.ts';

/** What a sealing ended: an open site, an unsealing or another ceremony, or nothing. */
export type Sealed = 'sealed' | 'cancelled' | 'nothing';

/** Closing, and ending what was begun. A set that waits for proofs outlives a sealing, not a cancellation. */
export class Sealing {
  readonly #core: SealCore;

  constructor(core: SealCore) {
    this.#core = core;
  }

  /**
   * Wipes keys and entered shares, first of all and whatever happens to the journal afterwards. Throws
   * TB1219, TB1227 or TB1228 when that could not be written; the site is sealed all the same.
   */
  seal(by: string, step: 'sealed' | 'emergency-sealed'): Sealed {
    const core = this.#core;
    const ceremony = core.collecting();
    const ended = core.keys !== undefined ? 'sealed' : ceremony !== undefined ? 'cancelled' : 'nothing';
    core.close();
    const { state } = core.store;
    if (ended === 'nothing' || state === undefined) return 'nothing';
    core.ended = ceremony;
    core.store.record(ceremony?.id ?? '-', step, by, ended === 'sealed' ? 'ok' : ended);
    if (state.ceremony !== undefined) core.store.replace({ ...state, ceremony: undefined });
    return ended;
  }

  /** Never refused and never fails: tells whether it could be written down. */
  emergencySeal(officer: string): { ended: Sealed; recorded: boolean } {
    const core = this.#core;
    const ended =
      core.keys !== undefined ? 'sealed' : core.collecting() !== undefined ? 'cancelled' : 'nothing';
    try {
      this.seal(officer, 'emergency-sealed');
      return { ended, recorded: true };
    } catch (error) {
      const disk = [sealError.auditUnavailable, sealError.stateNotWritten, sealError.durabilityUnknown];
      if (error instanceof Fault && disk.some((code) => code === error.code)) {
        return { ended, recorded: error.code !== sealError.auditUnavailable };
      }
      throw error;
    }
  }

  /** Throws CEREMONY_NONE, or CEREMONY_OPEN for another one than was meant. */
  cancel(officer: string, reason: string, ceremonyId?: string): void {
    const core = this.#core;
    core.settle();
    core.checkStanding(officer);
    checkReason(reason);
    const { state } = core.store;
    const collecting = core.collecting();
    const change = core.change()?.ceremony;
    const meant = ceremonyId !== undefined && ceremonyId === change?.id ? change : (collecting ?? change);
    core.checkCeremonyId(ceremonyId, meant, true);
    if (meant === undefined || state === undefined) {
      throw state?.ceremony === undefined ? core.noCeremony() : core.otherCeremony(state.ceremony);
    }
    if (meant === change) return core.dropPending(meant, 'cancelled', officer);
    core.store.record(meant.id, 'cancelled', officer, meant.kind);
    core.store.replace({ ...state, ceremony: undefined });
    core.forgetShares(meant);
  }
}
