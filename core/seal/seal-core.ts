import { assert } from '../base/assert.ts';
import { toHex, wipe } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { redactText } from '../base/redact.ts';
import { acceptShare } from './acceptance.ts';
import type { Ceremony, CeremonyKind } from './ceremony.ts';
import type { ChangeOrder } from './change-order.ts';
import { EnteredShares } from './entered-shares.ts';
import { sealLimits } from './limits.ts';
import { checkOfficerView, type OfficerView } from './officer-view.ts';
import type { OpenKeys } from './opening.ts';
import { sealError } from './seal-error.ts';
import type { SealOptions } from './seal-options.ts';
import type { SealState, StoredSet } from './seal-state.ts';
import type { SealStore } from './seal-store.ts';
import { parseShareText } from './share-text.ts';

/** What a call on a ceremony needs to know before it counts a share. */
export interface ShareCall {
  readonly officer: string;
  readonly shareText: string;
  readonly view: OfficerView;
}

/** As many holders of the set in force as its threshold agree; the last of them is not written down yet. */
export interface Agreement {
  readonly active: StoredSet;
  readonly ceremony: Ceremony;
  /** The last share, the caller's to wipe; it is in `shares` too. */
  readonly value: Uint8Array;
  readonly shares: ReadonlyMap<string, Uint8Array>;
}

/**
 * What the ceremonies of one seal share: the disk, the memory, and the checks before either is changed.
 * Shares of the set in force (`shares`) and proofs of one that waits (`proofs`) never meet in one place.
 */
export class SealCore {
  readonly options: SealOptions;
  readonly store: SealStore;
  keys: OpenKeys | undefined;
  /** Entered in the open ceremony; there is none while there are none of these. */
  shares: EnteredShares | undefined;
  /** New holders' shares that count towards the commit. */
  proofs: EnteredShares | undefined;
  /** What the open change of holders asks for, until it is dealt. */
  order: ChangeOrder | undefined;
  /** The last ceremony that ended without its aim: its officers have to enter their shares again. */
  ended: Ceremony | undefined;

  constructor(options: SealOptions, store: SealStore) {
    this.options = options;
    this.store = store;
  }

  get ceremonyMs(): number {
    return this.options.ceremonyMs ?? sealLimits.ceremonyMs;
  }

  /** The ceremony that collects shares; an expired one, or one from before a restart, is none. */
  collecting(): Ceremony | undefined {
    const ceremony = this.store.state?.ceremony;
    if (ceremony === undefined || ceremony.kind === 'init' || this.shares === undefined) return undefined;
    return this.shares.expired() ? undefined : ceremony;
  }

  /** The change of holders whose set waits for proofs. */
  change(): { ceremony: Ceremony; pending: StoredSet } | undefined {
    const { change, pending } = this.store.state ?? {};
    if (change === undefined || pending === undefined) return undefined;
    return this.options.clock.nowMs() < change.expiresAtMs ? { ceremony: change, pending } : undefined;
  }

  /** New holders whose proof is still in memory. */
  proved(): readonly string[] {
    if (this.proofs === undefined || this.proofs.expired()) return [];
    return this.change()?.ceremony.received ?? [];
  }

  /** Writes down what has ended by itself since the last call; each call that changes something begins so. */
  settle(): void {
    const { state } = this.store;
    const ceremony = state?.ceremony;
    if (state !== undefined && ceremony !== undefined && ceremony.kind !== 'init' && !this.collecting()) {
      this.store.record(ceremony.id, `${ceremony.kind}-ended`, '-', this.shares ? 'expired' : 'interrupted');
      this.store.replace({ ...state, ceremony: undefined });
      this.forgetShares(ceremony);
    }
    if (state?.change !== undefined && this.change() === undefined) {
      this.dropPending(state.change, 'expired', '-');
    }
  }

  /** Drops the set that waits, and keeps its id so that its shares can be named. */
  dropPending(change: Ceremony, step: 'expired' | 'cancelled', by: string): void {
    const { state } = this.store;
    assert(state?.pending !== undefined, 'a change of holders has a set that waits');
    this.store.record(change.id, step, by, change.kind);
    const retired = retiredWith(state, state.pending);
    this.store.replace({ ...state, pending: undefined, change: undefined, retired });
    this.proofs?.wipe();
    this.proofs = undefined;
    this.ended = { ...change, received: [] }; // there is nothing to enter again
    this.store.tidyShareFiles();
  }

  forgetShares(ended: Ceremony | undefined): void {
    this.shares?.wipe();
    this.shares = undefined;
    this.order = undefined;
    this.ended = ended;
  }

  /** Throws OFFICER_UNKNOWN or OFFICER_REVOKED. */
  checkStanding(officer: string): void {
    const known = /^[a-z0-9-]{1,32}$/.test(officer);
    const standing = known ? (this.options.standing?.(officer) ?? 'good') : 'unknown';
    if (standing === 'unknown') throw fault(sealError.officerUnknown, { officer: known ? officer : '?' });
    this.store.refusing(officer, '-', () => {
      if (standing === 'revoked') throw fault(sealError.officerRevoked, { officer });
    });
  }

  /**
   * The 32 bytes of a share that has passed every check: view, set, holder, commitments, not twice. Nothing
   * is counted by it. The caller wipes them.
   */
  takeShare(call: ShareCall, stored: StoredSet, ceremony: string, received: readonly string[]): Uint8Array {
    const { officer, shareText, view } = call;
    return this.store.refusing(officer, ceremony, () => {
      const { journal, state } = this.store;
      assert(journal !== undefined && state !== undefined, 'a site with a state has a journal');
      const epoch = Math.max(state.epoch, stored.set.epoch);
      checkOfficerView(view, officer, stored, epoch, journal);
      const share = parseShareText(shareText, officer);
      try {
        acceptShare(share, officer, stored.set, this.store.knownSets());
        if (received.includes(officer)) throw this.duplicate(officer, stored);
        return share.value;
      } catch (error) {
        wipe(share.value);
        throw error;
      }
    });
  }

  /** Counts a share of the open ceremony: durable first, then in memory. Wipes it when that fails. */
  count(call: ShareCall, state: SealState, ceremony: Ceremony, value: Uint8Array): void {
    try {
      this.store.record(ceremony.id, 'share', call.officer, call.view.here === true ? 'here' : 'ok');
      this.store.replace({ ...state, ceremony });
    } catch (error) {
      wipe(value);
      throw error;
    }
    this.shares ??= new EnteredShares(this.options.clock, this.ceremonyMs);
    this.shares.add(call.officer, value);
  }

  newCeremony(kind: CeremonyKind, stored: StoredSet, openedBy: string, reason: string): Ceremony {
    const openedAtMs = this.options.clock.nowMs();
    return {
      id: toHex(this.options.random.bytes(16)),
      kind,
      setId: stored.set.setId,
      required: stored.set.threshold,
      received: [],
      openedBy,
      openedAtMs,
      expiresAtMs: openedAtMs + this.ceremonyMs,
      reason: redactText(reason),
    };
  }

  /** Opens a ceremony at an open site; no share counts by it. Throws CEREMONY_OPEN, SEALED, TB1230. */
  begin(kind: CeremonyKind, officer: string, reason: string): Ceremony {
    this.settle();
    this.checkStanding(officer);
    const { state } = this.store;
    if (state === undefined) throw this.noCeremony();
    const other =
      state.active === undefined ? state.ceremony : (this.collecting() ?? this.change()?.ceremony);
    if (other !== undefined) throw this.otherCeremony(other);
    const { active } = this.unsealed();
    checkReason(reason);
    const ceremony = this.newCeremony(kind, active, officer, reason);
    this.store.record(ceremony.id, 'opened', officer, kind);
    this.store.replace({ ...state, ceremony });
    this.shares = new EnteredShares(this.options.clock, this.ceremonyMs);
    return ceremony;
  }

  /**
   * One more share for the open ceremony of this open site. Where it is not the last one needed it is counted
   * and undefined is returned; otherwise nothing is changed yet, and the caller wipes `value`.
   */
  agree(call: ShareCall): Agreement | undefined {
    this.settle();
    this.checkStanding(call.officer);
    const open = this.collecting();
    if (open?.kind === 'unseal') throw this.otherCeremony(open);
    this.checkCeremonyId(call.view.ceremonyId, open, false);
    assert(open !== undefined && this.shares !== undefined, 'the id is that of the open ceremony');
    const { state, active } = this.unsealed();
    const value = this.takeShare(call, active, open.id, open.received);
    const ceremony = { ...open, received: [...open.received, call.officer] };
    if (ceremony.received.length >= ceremony.required) {
      return { active, ceremony, value, shares: this.shares.with(call.officer, value) };
    }
    this.count(call, state, ceremony, value);
    return undefined;
  }

  /** The state of an open site. Throws SEALED. */
  unsealed(): { state: SealState; active: StoredSet; keys: OpenKeys } {
    const { state } = this.store;
    const { keys } = this;
    if (state?.active === undefined || keys === undefined) {
      throw fault(sealError.sealed, { site: this.options.site });
    }
    return { state, active: state.active, keys };
  }

  /** Throws unless the caller means the ceremony that is open; `optional` lets it mean whichever is. */
  checkCeremonyId(id: string | undefined, open: Ceremony | undefined, optional: boolean): void {
    if ((id === undefined && optional) || (id !== undefined && id === open?.id)) return;
    if (id !== undefined && id === this.ended?.id) {
      throw fault(sealError.ceremonyExpired, { kind: this.ended.kind });
    }
    throw open === undefined ? this.noCeremony() : this.otherCeremony(open);
  }

  /** Wipes all secrets in memory; the disk says sealed anyway. */
  close(): void {
    this.shares?.wipe();
    this.proofs?.wipe();
    this.shares = undefined;
    this.proofs = undefined;
    this.order = undefined;
    if (this.keys !== undefined) wipe(this.keys.root);
    this.keys?.ring.wipe();
    this.keys = undefined;
  }

  damaged(): Error {
    return fault(sealError.stateDamaged, { path: this.store.path, reason: 'wrapped keys' });
  }

  noCeremony(): Error {
    return fault(sealError.ceremonyNone, { site: this.options.site });
  }

  otherCeremony({ kind, openedBy }: Ceremony): Error {
    return fault(sealError.ceremonyOpen, { kind, openedBy });
  }

  duplicate(officer: string, stored: StoredSet): Error {
    return fault(sealError.shareDuplicate, { officer, set: stored.set.setId });
  }
}

/** Throws TB1230: who orders an act or ends one says why. */
export function checkReason(reason: string): void {
  const { length } = Buffer.from(reason.trim());
  if (length > 0 && length <= sealLimits.reasonBytesMax) return;
  throw fault(sealError.orderRefused, { reason: `reason: 1 to ${sealLimits.reasonBytesMax} bytes` });
}

/** The known sets of a state with one more in front. */
export function retiredWith(state: SealState, { set }: StoredSet): SealState['retired'] {
  const { setId, epoch } = set;
  return [{ setId, epoch }, ...state.retired].slice(0, sealLimits.retiredSetsMax);
}
