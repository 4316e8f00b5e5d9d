import { assert } from '../base/assert.ts';
import { equal, wipe } from '../base/bytes.ts';
import type { Ceremony } from './ceremony.ts';
import { EnteredShares } from './entered-shares.ts';
import { openKeys, openRing, openRoot } from './opening.ts';
import { retiredWith, type SealCore, type ShareCall } from './seal-core.ts';
import type { SealState, StoredSet } from './seal-state.ts';
import { manifestHash } from './share-set.ts';
import { parseShareText } from './share-text.ts';
import { ringPlace, wrap } from './wrapping.ts';

/**
 * Second half of a change of holders, and the end of `unproved`: holders show that their share works. With
 * the new threshold the new shares, and they alone, open the root and then the ring; only after that one
 * rename puts the new set in force. It works at a sealed site too, and does not open it.
 */
export class ShareProof {
  readonly #core: SealCore;

  constructor(core: SealCore) {
    this.#core = core;
  }

  prove(call: ShareCall): void {
    const core = this.#core;
    core.settle();
    core.checkStanding(call.officer);
    const { state } = core.store;
    if (state?.active === undefined) {
      throw state?.ceremony === undefined ? core.noCeremony() : core.otherCeremony(state.ceremony);
    }
    const change = core.change();
    const late = state.unproved.includes(call.officer) && (!change || isOf(call, state.active));
    if (late) return this.#proveLate(call, state, state.active);
    core.checkCeremonyId(call.view.ceremonyId, change?.ceremony, true);
    if (change === undefined) throw core.noCeremony();
    this.#count(call, state, change.ceremony, change.pending);
  }

  /** Undefined when none waits for this officer; taking it is written down. */
  fileOf(officer: string): string | undefined {
    const { store } = this.#core;
    this.#core.settle();
    this.#core.checkStanding(officer);
    const { active, unproved = [] } = store.state ?? {};
    const waiting = this.#core.change();
    const set = waiting?.pending.set.holders.some((holder) => holder.officer === officer)
      ? waiting.pending.set
      : unproved.includes(officer)
        ? active?.set
        : undefined;
    const file = set && store.shareFiles.read(set.setId, officer);
    if (file !== undefined) store.record(waiting?.ceremony.id ?? '-', 'fetched', officer, 'ok');
    return file;
  }

  /** A holder of the set in force, beyond the threshold that put it there. */
  #proveLate(call: ShareCall, state: SealState, active: StoredSet): void {
    const { store } = this.#core;
    wipe(this.#core.takeShare(call, active, '-', []));
    store.record('-', 'proved', call.officer, 'ok');
    store.replace({ ...state, unproved: state.unproved.filter((officer) => officer !== call.officer) });
    store.tidyShareFiles();
  }

  #count(call: ShareCall, state: SealState, change: Ceremony, pending: StoredSet): void {
    const core = this.#core;
    const before = core.proved();
    const value = core.takeShare(call, pending, change.id, before);
    const received = [...before, call.officer];
    if (received.length >= change.required) {
      try {
        return this.#commit(call.officer, { ...change, received }, pending, value);
      } finally {
        wipe(value);
      }
    }
    try {
      core.store.record(change.id, 'proved', call.officer, 'ok');
      core.store.replace({ ...state, change: { ...change, received } });
    } catch (error) {
      wipe(value);
      throw error;
    }
    if (before.length === 0) core.proofs = new EnteredShares(core.options.clock, core.ceremonyMs);
    core.proofs?.add(call.officer, value);
  }

  #commit(officer: string, change: Ceremony, pending: StoredSet, value: Uint8Array): void {
    const core = this.#core;
    assert(core.proofs !== undefined, 'a threshold of at least 2 has an earlier proof');
    const shares = core.proofs.with(officer, value);
    const next = this.#committed(change, pending, shares);
    const unsealing = core.collecting();
    core.store.record(change.id, 'proved', officer, 'ok');
    core.store.record(change.id, 'committed', officer, manifestHash(pending.manifest));
    core.store.replace(next);
    core.proofs.wipe();
    core.proofs = undefined;
    // shares of the old set that were entered to unseal count for nothing any more
    core.forgetShares(unsealing);
    core.store.tidyShareFiles();
  }

  /** The state with the new set in force, under the next epoch; tried out with the new shares. */
  #committed(change: Ceremony, pending: StoredSet, shares: ReadonlyMap<string, Uint8Array>): SealState {
    const core = this.#core;
    const { state } = core.store;
    assert(state?.active !== undefined, 'a change of holders has a set in force');
    const opened = openRoot(pending, shares);
    if (opened === undefined) throw core.damaged();
    try {
      const same = core.keys === undefined || equal(opened.root, core.keys.root);
      const ring = openRing(state, opened.root);
      if (ring === undefined || !same) throw core.damaged();
      const epoch = state.epoch + 1;
      const bytes = ring.toBytes();
      ring.wipe();
      const wrappedRing = wrap(opened.root, bytes, ringPlace(state.site, epoch), core.options.random);
      wipe(bytes);
      const holders = pending.set.holders.map(({ officer }) => officer);
      const next: SealState = {
        ...state,
        epoch,
        wrappedRing,
        active: pending,
        pending: undefined,
        change: undefined,
        ceremony: undefined,
        retired: retiredWith(state, state.active),
        unproved: holders.filter((officer) => !change.received.includes(officer)),
      };
      const keys = openKeys(next, pending, shares);
      assert(keys !== undefined, 'the new state opens with the new shares');
      wipe(keys.root);
      keys.ring.wipe();
      return next;
    } finally {
      wipe(opened.key, opened.root);
    }
  }
}

/** Whether the text names this set; a malformed one is refused by the check that follows. */
function isOf({ shareText, officer }: ShareCall, { set }: StoredSet): boolean {
  try {
    const share = parseShareText(shareText, officer);
    wipe(share.value);
    return set.setId.startsWith(share.setPrefix);
  } catch {
    return false;
  }
}
