import { assert } from '../base/assert.ts';
import { equal, wipe } from '../base/bytes.ts';
import { openKeys, openRoot } from './opening.ts';
import type { Agreement, SealCore, ShareCall } from './seal-core.ts';
import type { SealState } from './seal-state.ts';
import { ringPlace, rootPlace, wrap } from './wrapping.ts';

/**
 * Puts a new root key between the shares and the ring: the set stays, and the old root opens nothing of the
 * new state. One replaced file; a crash leaves the old state or the new one, whole.
 */
export class RootRotation {
  readonly #core: SealCore;

  constructor(core: SealCore) {
    this.#core = core;
  }

  open(officer: string, reason: string): void {
    this.#core.begin('rotate-root', officer, reason);
  }

  /** The last share needed rotates. */
  enter(call: ShareCall): void {
    const agreed = this.#core.agree(call);
    if (agreed === undefined) return;
    try {
      this.#rotate(call.officer, agreed);
    } finally {
      wipe(agreed.value);
    }
  }

  #rotate(officer: string, { active, ceremony, shares }: Agreement): void {
    const core = this.#core;
    const { state, keys } = core.unsealed();
    const opened = openRoot(active, shares);
    if (opened === undefined) throw core.damaged();
    const root = core.options.random.bytes(32);
    try {
      assert(equal(opened.root, keys.root), 'the shares open the root that is in use');
      const next = this.#rewrapped(state, opened.key, root);
      assert(next.active !== undefined && opens(next, next.active, shares), 'the new state opens');
      core.store.record(ceremony.id, 'share', officer, 'ok');
      core.store.record(ceremony.id, 'root-rotated', officer, `epoch-${next.epoch}`);
      core.store.replace(next);
    } catch (error) {
      wipe(root);
      throw error;
    } finally {
      wipe(opened.key, opened.root);
    }
    core.keys = { root, ring: keys.ring };
    wipe(keys.root);
    core.forgetShares(undefined);
  }

  #rewrapped(state: SealState, key: Uint8Array, root: Uint8Array): SealState {
    const { random } = this.#core.options;
    const { active, keys } = this.#core.unsealed();
    const epoch = state.epoch + 1;
    const { site, setId } = active.set;
    const bytes = keys.ring.toBytes();
    const wrappedRing = wrap(root, bytes, ringPlace(site, epoch), random);
    wipe(bytes);
    const wrappedRoot = wrap(key, root, rootPlace(site, setId, active.set.epoch), random);
    return { ...state, epoch, wrappedRing, active: { ...active, wrappedRoot }, ceremony: undefined };
  }
}

function opens(...given: Parameters<typeof openKeys>): boolean {
  const keys = openKeys(...given);
  if (keys === undefined) return false;
  wipe(keys.root);
  keys.ring.wipe();
  return true;
}
