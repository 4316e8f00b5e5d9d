import { assert } from '../base/assert.ts';
import { equal, wipe } from '../base/bytes.ts';
import { type ChangeOrder, checkOrder } from './change-order.ts';
import { type DealtSet, dealSet } from './deal-set.ts';
import { sealLimits } from './limits.ts';
import { openRoot } from './opening.ts';
import type { Agreement, SealCore, ShareCall } from './seal-core.ts';
import { printShareFile } from './share-file.ts';
import { manifestHash } from './share-set.ts';

/**
 * First half of a change of holders: t holders of the set in force agree, and the new set is dealt. Order:
 * journal, a durable file for each new holder, the state with the set that waits. A crash in between leaves
 * files of a set that never came to be; the old set opens the site all the while.
 */
export class HolderChange {
  readonly #core: SealCore;

  constructor(core: SealCore) {
    this.#core = core;
  }

  /** Throws TB1221 or TB1230 for an order that can't be dealt. */
  open(officer: string, reason: string, order: ChangeOrder): void {
    checkOrder(order);
    this.#core.begin('change-holders', officer, reason);
    this.#core.order = order;
  }

  /**
   * The last share needed deals. Encrypting is the one step here that others can come between, so what it was
   * begun for is looked at again afterwards: a sealing or a cancellation in the meantime wins.
   */
  async enter(call: ShareCall): Promise<void> {
    const agreed = this.#core.agree(call);
    if (agreed === undefined) return;
    const { order } = this.#core;
    assert(order !== undefined, 'an open change of holders has an order');
    const dealt = this.#deal(agreed, order);
    try {
      const files = await shareFiles(order, dealt);
      this.#store(call, agreed, order, dealt, files);
    } finally {
      wipe(...dealt.shares.map(({ value }) => value));
    }
  }

  #deal(agreed: Agreement, order: ChangeOrder): DealtSet {
    const core = this.#core;
    const { state, keys } = core.unsealed();
    const opened = openRoot(agreed.active, agreed.shares);
    wipe(agreed.value);
    if (opened === undefined) throw core.damaged();
    try {
      assert(equal(opened.root, keys.root), 'the shares open the root that is in use');
      assert(core.store.journalKey !== undefined, 'a site with a state has a journal key');
      const { site, clock, random } = core.options;
      return dealSet({ ...order, site, clock, random }, state.epoch + 1, opened.root, core.store.journalKey);
    } finally {
      wipe(opened.key, opened.root);
    }
  }

  #store(
    { officer }: ShareCall,
    { ceremony }: Agreement,
    order: ChangeOrder,
    { stored }: DealtSet,
    files: ReadonlyMap<string, string>,
  ): void {
    const core = this.#core;
    core.settle();
    core.checkCeremonyId(ceremony.id, core.collecting(), false);
    const { state } = core.unsealed();
    core.store.record(ceremony.id, 'share', officer, 'ok');
    core.store.record(ceremony.id, 'dealt', officer, manifestHash(stored.manifest));
    core.store.shareFiles.write(stored.set.setId, files);
    const { confirmationMs = sealLimits.confirmationMs, clock } = core.options;
    const change = {
      ...ceremony,
      setId: stored.set.setId,
      required: order.threshold,
      received: [],
      expiresAtMs: clock.nowMs() + confirmationMs,
    };
    core.store.replace({ ...state, pending: stored, change, ceremony: undefined });
    core.forgetShares(undefined);
  }
}

async function shareFiles(order: ChangeOrder, { shares }: DealtSet): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const share of shares) {
    const holder = order.holders.find(({ officer }) => officer === share.officer);
    assert(holder !== undefined, 'a share is dealt to an ordered holder');
    files.set(share.officer, await printShareFile(share, { recipients: [holder.recipient] }));
  }
  return files;
}
