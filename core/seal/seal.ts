import { assert } from '../base/assert.ts';
import { toHex, wipe } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { acceptDealtShare, acceptShare } from './acceptance.ts';
import type { Ceremony } from './ceremony.ts';
import { EnteredShares } from './entered-shares.ts';
import { type FileSystem, nodeFiles } from './file-system.ts';
import { type Initialised, type InitOptions, initialise } from './initialise.ts';
import { type JournalRecord, journalStart } from './journal-record.ts';
import type { KeyRing } from './key-ring.ts';
import { sealLimits } from './limits.ts';
import { checkOfficerView, type OfficerView } from './officer-view.ts';
import { type OpenKeys, openKeys } from './opening.ts';
import { sealError } from './seal-error.ts';
import type { SealState, StoredSet } from './seal-state.ts';
import type { SealStatus } from './seal-status.ts';
import { SealStore } from './seal-store.ts';
import type { Share } from './share.ts';
import { manifestHash } from './share-set.ts';
import { parseShareText } from './share-text.ts';
import { ringPlace, wrap } from './wrapping.ts';

export interface SealOptions {
  readonly site: string;
  readonly clock: Clock;
  readonly random: Random;
  /** The disk; a test puts one here that fails. */
  readonly files?: FileSystem;
  /** What the site knows of an officer's certificate; good unless told. */
  readonly standing?: (officer: string) => 'good' | 'unknown' | 'revoked';
  /** How long entered shares live. */
  readonly ceremonyMs?: number;
}

export interface UnsealProgress {
  readonly opened: boolean;
  readonly ceremonyId: string;
  readonly received: readonly string[];
  readonly required: number;
  readonly expiresAtMs: number;
  readonly journalHead: string;
}

/**
 * The seal of one site: state machine of SECURITY 2.5 for init, unseal and seal. Every call that changes
 * something first checks, then writes the journal, then replaces the state, then changes memory; so a refusal
 * or a failed write leaves the progress as it was. The calls are synchronous: no two of them interleave.
 */
export class Seal {
  readonly #options: SealOptions;
  readonly #store: SealStore;
  #entered: EnteredShares | undefined;
  #keys: OpenKeys | undefined;
  /** The last unsealing that ended without opening: its officers have to enter their shares again. */
  #ended: Ceremony | undefined;

  private constructor(options: SealOptions, store: SealStore) {
    this.#options = options;
    this.#store = store;
  }

  /** Deals the first share set; `confirm` by every holder puts it in force. Throws TB1220, TB1221. */
  static async init(
    folder: string,
    options: Omit<InitOptions, 'files' | 'openedBy' | 'reason'> & Partial<InitOptions>,
  ): Promise<Initialised> {
    return initialise(folder, { files: nodeFiles, openedBy: 'operator', reason: '', ...options });
  }

  /** Reads and checks all that is on the disk. Throws STATE_DAMAGED, TB1223 or TB1225. */
  static open(folder: string, options: SealOptions): Seal {
    const { site, clock, files = nodeFiles } = options;
    return new Seal(options, SealStore.open(folder, site, clock, files));
  }

  status(): SealStatus {
    const state = this.#store.state;
    const current = state?.active ?? state?.pending;
    const unsealing = this.#unsealing();
    const ceremony = state?.ceremony?.kind === 'unseal' ? unsealing : state?.ceremony;
    const ended =
      state?.ceremony?.kind === 'unseal' && unsealing === undefined ? state.ceremony : this.#ended;
    return {
      state: this.#phase(unsealing),
      site: this.#options.site,
      epoch: state?.epoch ?? 0,
      setId: current?.set.setId,
      threshold: current?.set.threshold ?? 0,
      holders: current?.set.holders.length ?? 0,
      officers: current?.set.holders.map((holder) => holder.officer) ?? [],
      manifestHash: current === undefined ? undefined : manifestHash(current.manifest),
      ceremony,
      received: ceremony?.received ?? [],
      expiresAtMs: ceremony?.expiresAtMs,
      lost: unsealing === undefined ? (ended?.received ?? []) : [],
      journalHead: this.#store.journal?.head() ?? journalStart,
    };
  }

  /** The signed note of the set in force, or of the one that waits for confirmation. */
  manifest(): Buffer | undefined {
    return (this.#store.state?.active ?? this.#store.state?.pending)?.manifest;
  }

  journalRecords(from = 0): readonly JournalRecord[] {
    return this.#store.journal?.records(from) ?? [];
  }

  /**
   * A holder of the pending first set shows the own share, as read back from its file. The last one puts the
   * set in force; the site is sealed then. Throws CEREMONY_NONE, CEREMONY_EXPIRED and the share errors.
   */
  confirm(officer: string, share: Share): { received: readonly string[]; required: number; active: boolean } {
    this.#checkStanding(officer);
    const { state, pending, ceremony } = this.#confirming();
    this.#store.refusing(officer, ceremony.id, () => {
      acceptDealtShare(share, officer, pending.manifest, this.#store.knownSets());
      if (ceremony.received.includes(officer)) throw this.#duplicate(officer, pending);
    });
    const received = [...ceremony.received, officer];
    const active = received.length === ceremony.required;
    this.#store.record(ceremony.id, 'confirmed', officer, 'ok');
    if (active) this.#store.record(ceremony.id, 'activated', '-', `epoch-${pending.set.epoch}`);
    this.#store.replace(
      active
        ? { ...state, active: pending, pending: undefined, ceremony: undefined }
        : { ...state, ceremony: { ...ceremony, received } },
    );
    return { received, required: ceremony.required, active };
  }

  /** All holders in one call, for an `init` with every share at hand. */
  confirmAll(shares: readonly Share[]): void {
    for (const share of shares) this.confirm(share.officer, share);
  }

  /**
   * Counts one share; the last needed one opens the ring. Every refusal is typed, names officer and set, and
   * leaves the progress as it was (SECURITY 2.6).
   */
  enterShare(officer: string, shareText: string, view: OfficerView = {}): UnsealProgress {
    this.#endUnsealing();
    this.#checkStanding(officer);
    const { state, active } = this.#sealed();
    const open = state.ceremony;
    this.#checkCeremonyId(view.ceremonyId, open);
    const value = this.#store.refusing(officer, open?.id ?? '-', () => {
      assert(this.#store.journal !== undefined, 'a site with a state has a journal');
      checkOfficerView(view, officer, active, state.epoch, this.#store.journal);
      return this.#accept(officer, shareText, active, open);
    });
    const before = open ?? this.#newCeremony(officer, active);
    const ceremony = { ...before, received: [...before.received, officer] };
    try {
      this.#store.record(ceremony.id, 'share', officer, 'ok');
      if (ceremony.received.length < ceremony.required) this.#count(state, ceremony, officer, value);
      else this.#unseal(state, active, ceremony, officer, value);
    } catch (error) {
      wipe(value);
      throw error;
    }
    return this.#progress(ceremony);
  }

  /** The keys. Ask each time: after `replaceRing` or `seal` an older answer is empty. Throws SEALED. */
  ring(): KeyRing {
    return this.#open().keys.ring;
  }

  /**
   * Stores a changed ring under the root key, with the next epoch, in one atomic write. `change` returns a
   * new ring made by `with…`; the old one is wiped afterwards.
   */
  replaceRing(change: (ring: KeyRing) => KeyRing, by = 'site'): void {
    const { state, keys } = this.#open();
    const ring = change(keys.ring);
    assert(ring !== keys.ring, 'a changed ring is another ring');
    const epoch = state.epoch + 1;
    const bytes = ring.toBytes();
    try {
      const wrappedRing = wrap(keys.root, bytes, ringPlace(state.site, epoch), this.#options.random);
      this.#store.record('-', 'ring-replaced', by, `epoch-${epoch}`);
      this.#store.replace({ ...state, epoch, wrappedRing });
    } catch (error) {
      ring.wipe();
      throw error;
    } finally {
      wipe(bytes);
    }
    this.#keys = { root: keys.root, ring };
    keys.ring.wipe();
  }

  /**
   * Wipes keys and entered shares, first of all and whatever happens to the journal afterwards. Tells what it
   * ended: an open site, an unsealing, or nothing.
   */
  seal(by: string, step: 'sealed' | 'emergency-sealed' = 'sealed'): 'sealed' | 'cancelled' | 'nothing' {
    const unsealing = this.#unsealing();
    const ended = this.#keys !== undefined ? 'sealed' : unsealing !== undefined ? 'cancelled' : 'nothing';
    this.close();
    const { state } = this.#store;
    if (ended === 'nothing' || state === undefined) return 'nothing';
    this.#store.record(unsealing?.id ?? '-', step, by, ended === 'sealed' ? 'ok' : ended);
    if (state.ceremony !== undefined) this.#store.replace({ ...state, ceremony: undefined });
    this.#ended = unsealing;
    return ended;
  }

  /** Wipes what is in memory, for the end of the process; the disk says sealed anyway. */
  close(): void {
    this.#entered?.wipe();
    this.#entered = undefined;
    if (this.#keys !== undefined) wipe(this.#keys.root);
    this.#keys?.ring.wipe();
    this.#keys = undefined;
  }

  #phase(unsealing: Ceremony | undefined): SealStatus['state'] {
    if (this.#store.state?.active === undefined) return 'empty';
    if (this.#keys !== undefined) return 'unsealed';
    return unsealing === undefined ? 'sealed' : 'unsealing';
  }

  /** The unsealing in progress; an expired one, or one from before a restart, is none. */
  #unsealing(): Ceremony | undefined {
    const ceremony = this.#store.state?.ceremony;
    if (ceremony?.kind !== 'unseal' || this.#entered === undefined) return undefined;
    return this.#entered.expired() ? undefined : ceremony;
  }

  /** Records that an unsealing is over; its shares are gone since it expired or the process restarted. */
  #endUnsealing(): void {
    const state = this.#store.state;
    if (state?.ceremony?.kind !== 'unseal' || this.#unsealing() !== undefined) return;
    this.#store.record(state.ceremony.id, 'unseal-ended', '-', this.#entered ? 'expired' : 'interrupted');
    this.#store.replace({ ...state, ceremony: undefined });
    this.#entered = undefined;
    this.#ended = state.ceremony;
  }

  #checkStanding(officer: string): void {
    const known = /^[a-z0-9-]{1,32}$/.test(officer);
    const standing = known ? (this.#options.standing?.(officer) ?? 'good') : 'unknown';
    if (standing === 'unknown') throw fault(sealError.officerUnknown, { officer: known ? officer : '?' });
    this.#store.refusing(officer, '-', () => {
      if (standing === 'revoked') throw fault(sealError.officerRevoked, { officer });
    });
  }

  #sealed(): { state: SealState; active: StoredSet } {
    const state = this.#store.state;
    if (state === undefined) throw this.#noCeremony();
    const { active, ceremony } = state;
    if (this.#keys !== undefined) throw fault(sealError.alreadyUnsealed, { site: state.site });
    if (ceremony !== undefined && ceremony.kind !== 'unseal') throw this.#otherCeremony(ceremony);
    if (active === undefined) throw this.#noCeremony();
    return { state, active };
  }

  #confirming(): { state: SealState; pending: StoredSet; ceremony: Ceremony } {
    const state = this.#store.state;
    if (state?.pending === undefined || state.ceremony?.kind !== 'init') throw this.#noCeremony();
    const { pending, ceremony } = state;
    if (this.#options.clock.nowMs() >= ceremony.expiresAtMs) {
      throw fault(sealError.ceremonyExpired, { kind: ceremony.kind });
    }
    return { state, pending, ceremony };
  }

  #open(): { state: SealState; keys: OpenKeys } {
    const state = this.#store.state;
    const keys = this.#keys;
    if (state === undefined || keys === undefined)
      throw fault(sealError.sealed, { site: this.#options.site });
    return { state, keys };
  }

  #checkCeremonyId(id: string | undefined, open: Ceremony | undefined): void {
    if (id === undefined || id === open?.id) return;
    if (id === this.#ended?.id) throw fault(sealError.ceremonyExpired, { kind: this.#ended.kind });
    throw open === undefined ? this.#noCeremony() : this.#otherCeremony(open);
  }

  /** The share's 32 bytes, proved against the commitments; the caller wipes them. */
  #accept(officer: string, shareText: string, active: StoredSet, open: Ceremony | undefined): Uint8Array {
    const share = parseShareText(shareText, officer);
    try {
      acceptShare(share, officer, active.set, this.#store.knownSets());
      if (open?.received.includes(officer)) throw this.#duplicate(officer, active);
      return share.value;
    } catch (error) {
      wipe(share.value);
      throw error;
    }
  }

  #newCeremony(officer: string, active: StoredSet): Ceremony {
    const { clock, random, ceremonyMs = sealLimits.ceremonyMs } = this.#options;
    const openedAtMs = clock.nowMs();
    return {
      id: toHex(random.bytes(16)),
      kind: 'unseal',
      setId: active.set.setId,
      required: active.set.threshold,
      received: [],
      openedBy: officer,
      openedAtMs,
      expiresAtMs: openedAtMs + ceremonyMs,
      reason: '',
    };
  }

  #count(state: SealState, ceremony: Ceremony, officer: string, value: Uint8Array): void {
    const { clock, ceremonyMs = sealLimits.ceremonyMs } = this.#options;
    this.#store.replace({ ...state, ceremony });
    this.#entered ??= new EnteredShares(clock, ceremonyMs);
    this.#entered.add(officer, value);
  }

  #unseal(state: SealState, active: StoredSet, ceremony: Ceremony, officer: string, value: Uint8Array): void {
    assert(this.#entered !== undefined, 'a threshold of at least 2 has an earlier share');
    const keys = openKeys(state, active, this.#entered.with(officer, value));
    if (keys === undefined) {
      throw fault(sealError.stateDamaged, { path: this.#store.path, reason: 'wrapped keys' });
    }
    try {
      this.#store.record(ceremony.id, 'unsealed', officer, 'ok');
      this.#store.replace({ ...state, ceremony: undefined });
    } catch (error) {
      wipe(keys.root);
      keys.ring.wipe();
      throw error;
    }
    wipe(value);
    this.#entered.wipe();
    this.#entered = undefined;
    this.#ended = undefined;
    this.#keys = keys;
  }

  #progress(ceremony: Ceremony): UnsealProgress {
    const { id, received, required, expiresAtMs } = ceremony;
    const journalHead = this.#store.journal?.head() ?? journalStart;
    return { opened: this.#keys !== undefined, ceremonyId: id, received, required, expiresAtMs, journalHead };
  }

  #noCeremony(): Error {
    return fault(sealError.ceremonyNone, { site: this.#options.site });
  }

  #otherCeremony({ kind, openedBy }: Ceremony): Error {
    return fault(sealError.ceremonyOpen, { kind, openedBy });
  }

  #duplicate(officer: string, stored: StoredSet): Error {
    return fault(sealError.shareDuplicate, { officer, set: stored.set.setId });
  }
}
