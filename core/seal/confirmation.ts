import { fault } from '../base/errors.ts';
import { acceptDealtShare } from './acceptance.ts';
import type { Ceremony } from './ceremony.ts';
import type { SealCore } from './seal-core.ts';
import { sealError } from './seal-error.ts';
import type { SealState, StoredSet } from './seal-state.ts';
import type { Share } from './share.ts';

/** The end of `init`: every holder shows the own share, as read back from its file. */
export class Confirmation {
  readonly #core: SealCore;

  constructor(core: SealCore) {
    this.#core = core;
  }

  /** The last holder puts the set in force. */
  confirm(officer: string, share: Share): { received: readonly string[]; required: number; active: boolean } {
    const { store } = this.#core;
    this.#core.checkStanding(officer);
    const { state, pending, ceremony } = this.#confirming();
    store.refusing(officer, ceremony.id, () => {
      acceptDealtShare(share, officer, pending.manifest, store.knownSets());
      if (ceremony.received.includes(officer)) throw this.#core.duplicate(officer, pending);
    });
    const received = [...ceremony.received, officer];
    const active = received.length === ceremony.required;
    store.record(ceremony.id, 'confirmed', officer, 'ok');
    if (active) store.record(ceremony.id, 'activated', '-', `epoch-${pending.set.epoch}`);
    store.replace(
      active
        ? { ...state, active: pending, pending: undefined, ceremony: undefined }
        : { ...state, ceremony: { ...ceremony, received } },
    );
    return { received, required: ceremony.required, active };
  }

  #confirming(): { state: SealState; pending: StoredSet; ceremony: Ceremony } {
    const { state } = this.#core.store;
    if (state?.pending === undefined || state.ceremony?.kind !== 'init') throw this.#core.noCeremony();
    const { pending, ceremony } = state;
    if (this.#core.options.clock.nowMs() >= ceremony.expiresAtMs) {
      throw fault(sealError.ceremonyExpired, { kind: ceremony.kind });
    }
    return { state, pending, ceremony };
  }
}
