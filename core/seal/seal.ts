import { assert } from '../base/assert.ts';
import { wipe } from '../base/bytes.ts';
import type { KnownSet } from './acceptance.ts';
import type { ChangeOrder, OrderedHolder } from './change-order.ts';
import { Confirmation } from './confirmation.ts';
import { Drill } from './drill.ts';
import { nodeFiles } from './file-system.ts';
import { HolderChange } from './holder-change.ts';
import { type Initialised, type InitOptions, initialise } from './initialise.ts';
import type { JournalRecord } from './journal-record.ts';
import type { KeyRing } from './key-ring.ts';
import type { OfficerView } from './officer-view.ts';
import { reportStatus } from './report-status.ts';
import { RootRotation } from './root-rotation.ts';
import { SealCore } from './seal-core.ts';
import type { SealOptions } from './seal-options.ts';
import type { SealStatus } from './seal-status.ts';
import { SealStore } from './seal-store.ts';
import { type Sealed, Sealing } from './sealing.ts';
import type { Share } from './share.ts';
import { ShareProof } from './share-proof.ts';
import { Unsealing, type UnsealProgress } from './unsealing.ts';
import { ringPlace, wrap } from './wrapping.ts';

/** Ceremonies that an officer opens; the others begin with their first share. */
export type OpenableCeremony = 'change-holders' | 'rotate-root';

/**
 * The seal of one site: the state machine of its ceremonies, one file for each. Every call that changes
 * something first checks, then writes the journal, then replaces the state, then changes memory; so a
 * refusal or a failed write leaves the progress as it was. No two calls interleave, but for the one that is
 * a promise, and that looks again before it writes.
 */
export class Seal {
  readonly #core: SealCore;
  readonly #confirmation: Confirmation;
  readonly #unsealing: Unsealing;
  readonly #holderChange: HolderChange;
  readonly #shareProof: ShareProof;
  readonly #rootRotation: RootRotation;
  readonly #drill: Drill;
  readonly #sealing: Sealing;

  private constructor(core: SealCore) {
    this.#core = core;
    this.#confirmation = new Confirmation(core);
    this.#unsealing = new Unsealing(core);
    this.#holderChange = new HolderChange(core);
    this.#shareProof = new ShareProof(core);
    this.#rootRotation = new RootRotation(core);
    this.#drill = new Drill(core);
    this.#sealing = new Sealing(core);
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
    return new Seal(new SealCore(options, SealStore.open(folder, site, clock, files)));
  }

  status(): SealStatus {
    return reportStatus(this.#core);
  }

  /** The signed note of the set in force, or of the one that waits for confirmation. */
  manifest(): Buffer | undefined {
    const { active, pending } = this.manifests();
    return active ?? pending;
  }

  manifests(): { active: Buffer | undefined; pending: Buffer | undefined } {
    const { active, pending } = this.#core.store.state ?? {};
    return { active: active?.manifest, pending: pending?.manifest };
  }

  /** Sets whose shares open nothing (any more) and are told by name: replaced or dropped, newest first. */
  retiredSets(): readonly KnownSet[] {
    return this.#core.store.state?.retired ?? [];
  }

  journalRecords(from = 0): readonly JournalRecord[] {
    return this.#core.store.journal?.records(from) ?? [];
  }

  /**
   * A holder of the pending first set shows the own share, as read back from its file. The last one puts the
   * set in force; the site is sealed then. Throws CEREMONY_NONE, CEREMONY_EXPIRED and the share errors.
   */
  confirm(officer: string, share: Share): { received: readonly string[]; required: number; active: boolean } {
    return this.#confirmation.confirm(officer, share);
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
    return this.#unsealing.enter({ officer, shareText, view });
  }

  /** The keys. Ask each time: after `replaceRing` or `seal` an older answer is empty. Throws SEALED. */
  ring(): KeyRing {
    return this.#core.unsealed().keys.ring;
  }

  /**
   * Stores a changed ring under the root key, with the next epoch, in one atomic write. `change` returns a
   * new ring made by `with…`; the old one is wiped afterwards.
   */
  replaceRing(change: (ring: KeyRing) => KeyRing, by = 'site'): void {
    const core = this.#core;
    const { state, keys } = core.unsealed();
    const ring = change(keys.ring);
    assert(ring !== keys.ring, 'a changed ring is another ring');
    const epoch = state.epoch + 1;
    const bytes = ring.toBytes();
    try {
      const wrappedRing = wrap(keys.root, bytes, ringPlace(state.site, epoch), core.options.random);
      core.store.record('-', 'ring-replaced', by, `epoch-${epoch}`);
      core.store.replace({ ...state, epoch, wrappedRing });
    } catch (error) {
      ring.wipe();
      throw error;
    } finally {
      wipe(bytes);
    }
    core.keys = { root: keys.root, ring };
    keys.ring.wipe();
  }

  /**
   * Writes down that a certificate is about to be installed while the site answers nobody, so that there is
   * no other record of it yet; `fingerprint` in hex. Throws SEALED.
   */
  recordInstalling(which: 'gate' | 'data' | 'uplink', fingerprint: string): void {
    this.#core.unsealed();
    this.#core.store.record('-', `${which}-installed`, 'site', fingerprint);
  }

  /**
   * Opens a ceremony at an open site; `order` belongs to change-holders. It counts no share, the opener's
   * neither. Throws SEALED, CEREMONY_NONE, CEREMONY_OPEN, TB1221, TB1230.
   */
  openCeremony(kind: OpenableCeremony, officer: string, reason: string, order?: ChangeOrder): SealStatus {
    if (kind === 'rotate-root') this.#rootRotation.open(officer, reason);
    else this.#holderChange.open(officer, reason, order ?? { threshold: 0, holders: [] });
    return this.status();
  }

  /**
   * One share of the set in force for the ceremony that `view.ceremonyId` names. The last one needed does the
   * step: the new set is dealt and waits, or the root key is replaced.
   */
  async enterCeremonyShare(officer: string, shareText: string, view: OfficerView): Promise<SealStatus> {
    const call = { officer, shareText, view };
    if (this.#core.collecting()?.kind === 'change-holders') await this.#holderChange.enter(call);
    else this.#rootRotation.enter(call);
    return this.status();
  }

  /** The file of a holder who has not proved the share yet, encrypted to that holder. Throws TB1223. */
  dealtShareFile(officer: string): string | undefined {
    return this.#shareProof.fileOf(officer);
  }

  /**
   * A share of the set that waits: the last one needed puts the set in force, sealed or not. Or one of the
   * set in force, of a holder who had not proved it yet.
   */
  proveShare(officer: string, shareText: string, view: OfficerView = {}): SealStatus {
    this.#shareProof.prove({ officer, shareText, view });
    return this.status();
  }

  /** Ends the ceremony that is meant, or the open one. Throws CEREMONY_NONE, CEREMONY_OPEN, TB1230. */
  cancelCeremony(officer: string, reason: string, ceremonyId?: string): SealStatus {
    this.#sealing.cancel(officer, reason, ceremonyId);
    return this.status();
  }

  /** `result` is ok, failed or a code. Throws OFFICER_NOT_HOLDER, MANIFEST_MISMATCH. */
  recordDrill(officer: string, manifestHash: string, result: string): SealStatus {
    this.#drill.record(officer, manifestHash, result);
    return this.status();
  }

  /**
   * Wipes keys and entered shares, first of all and whatever happens to the journal afterwards. Tells what it
   * ended: an open site, an unsealing, or nothing.
   */
  seal(by: string, step: 'sealed' | 'emergency-sealed' = 'sealed'): Sealed {
    return this.#sealing.seal(by, step);
  }

  /** As `seal`, by one officer, and never refused: a disk that fails is told in the answer. */
  emergencySeal(officer: string): { ended: Sealed; recorded: boolean } {
    return this.#sealing.emergencySeal(officer);
  }

  /** Wipes what is in memory, for the end of the process; the disk says sealed anyway. */
  close(): void {
    this.#core.close();
  }
}

export type { ChangeOrder, OrderedHolder, SealOptions };
