import { assert } from '../base/assert.ts';
import { wipe } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import type { Ceremony } from './ceremony.ts';
import { openKeys } from './opening.ts';
import type { SealCore, ShareCall } from './seal-core.ts';
import { sealError } from './seal-error.ts';
import type { SealState, StoredSet } from './seal-state.ts';

export interface UnsealProgress {
  readonly opened: boolean;
  readonly ceremonyId: string;
  readonly received: readonly string[];
  readonly required: number;
  readonly expiresAtMs: number;
  readonly journalHead: string;
}

/** Opens the ring with t shares of the set in force; a set that waits plays no part in it. */
export class Unsealing {
  readonly #core: SealCore;

  constructor(core: SealCore) {
    this.#core = core;
  }

  /** The first share opens the ceremony, the last one needed the ring. */
  enter(call: ShareCall): UnsealProgress {
    const core = this.#core;
    core.settle();
    core.checkStanding(call.officer);
    const { state, active } = this.#sealed();
    const open = state.ceremony;
    core.checkCeremonyId(call.view.ceremonyId, open, true);
    const value = core.takeShare(call, active, open?.id ?? '-', open?.received ?? []);
    const before = open ?? core.newCeremony('unseal', active, call.officer, '');
    const ceremony = { ...before, received: [...before.received, call.officer] };
    if (ceremony.received.length < ceremony.required) core.count(call, state, ceremony, value);
    else this.#open(call, { state, active, ceremony }, value);
    return this.#progress(ceremony);
  }

  #sealed(): { state: SealState; active: StoredSet } {
    const { store, keys } = this.#core;
    const { state } = store;
    if (state === undefined) throw this.#core.noCeremony();
    if (keys !== undefined) throw fault(sealError.alreadyUnsealed, { site: state.site });
    const { active, ceremony } = state;
    if (ceremony !== undefined && ceremony.kind !== 'unseal') throw this.#core.otherCeremony(ceremony);
    if (active === undefined) throw this.#core.noCeremony();
    return { state, active };
  }

  #open(
    { officer, view }: ShareCall,
    { state, active, ceremony }: { state: SealState; active: StoredSet; ceremony: Ceremony },
    value: Uint8Array,
  ): void {
    const core = this.#core;
    assert(core.shares !== undefined, 'a threshold of at least 2 has an earlier share');
    try {
      const here = view.here === true;
      core.store.record(ceremony.id, 'share', officer, here ? 'here' : 'ok');
      const keys = openKeys(state, active, core.shares.with(officer, value));
      if (keys === undefined) throw core.damaged();
      try {
        for (const each of here ? ceremony.received : []) {
          core.store.record(ceremony.id, 'opened-here', each, 'ok');
        }
        core.store.record(ceremony.id, 'unsealed', officer, 'ok');
        // who opens the site with the share has shown that it works
        const unproved = state.unproved.filter((holder) => !ceremony.received.includes(holder));
        core.store.replace({ ...state, ceremony: undefined, unproved });
      } catch (error) {
        wipe(keys.root);
        keys.ring.wipe();
        throw error;
      }
      core.keys = keys;
    } finally {
      wipe(value);
    }
    core.forgetShares(undefined);
    core.store.tidyShareFiles();
  }

  #progress({ id, received, required, expiresAtMs }: Ceremony): UnsealProgress {
    const journalHead = this.#core.store.journal?.head() ?? '';
    const opened = this.#core.keys !== undefined;
    return { opened, ceremonyId: id, received, required, expiresAtMs, journalHead };
  }
}
