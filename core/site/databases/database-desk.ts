import type { Clock } from '../../base/clock.ts';
import { Fault, fault } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Peer } from '../../link/channel.ts';
import type { Approval } from '../approvals/approvals.ts';
import type { OpenSite } from '../open-site.ts';
import type { RingAccess } from '../seal/ring-access.ts';
import type { SiteFolder } from '../site-folder.ts';
import { BreakGlass } from './break-glass.ts';
import { databaseKey } from './database-key.ts';
import { KeyRotation, type RotationProgress } from './key-rotation.ts';

export interface DatabaseDeskParts {
  readonly site: string;
  readonly folder: SiteFolder;
  readonly keys: RingAccess;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Closes the site and opens it again, the ring being open all the time. */
  reopen(): Promise<void>;
}

/** Long enough for an officer to look at the request on the same day. */
const requestMs = 8 * 3_600_000;

/** What can be done with the databases of a site beside working with them: other keys, and a look inside. */
export class DatabaseDesk {
  readonly #parts: DatabaseDeskParts;
  readonly #rotation: KeyRotation;
  #site: OpenSite | undefined;
  #breakGlass: BreakGlass | undefined;
  /** A run whose result is not yet in `audit`. */
  #unreported: RotationProgress | undefined;

  constructor(parts: DatabaseDeskParts) {
    this.#parts = parts;
    this.#rotation = new KeyRotation(parts);
  }

  /** Before the site opens: a rotation that a crash or a bad file left unfinished goes on. */
  async finishRotation(): Promise<void> {
    if (!this.#rotation.pending) return;
    await this.#rotation.run();
    this.#unreported = this.#rotation.progress();
  }

  attach(site: OpenSite): void {
    const { folder, clock, logger, keys } = this.#parts;
    const { audit, approvals } = site;
    const key = () => databaseKey(keys.ring());
    this.#site = site;
    this.#breakGlass = new BreakGlass({ folder, audit, approvals, clock, logger, databaseKey: key });
    approvals.on('rotate-data-keys', async (approval) => this.#rotate(site, approval));
    this.#report(site);
  }

  /** Ends sessions, and a rotation where it stands. */
  async detach(): Promise<void> {
    this.#breakGlass?.end();
    this.#breakGlass = undefined;
    this.#site = undefined;
    await this.#rotation.stop();
  }

  /** Throws TB1601, TB1920, and what `Approvals.request` throws. */
  requestRekey(reason: string, by: Peer): Approval {
    const site = this.#opened();
    if (this.#rotation.running) throw fault('TB1920');
    return site.approvals.request({
      kind: 'rotate-data-keys',
      subject: `databases of ${this.#parts.site}`,
      detail: {},
      reason,
      by,
      required: 1,
      lifeMs: requestMs,
    });
  }

  progress(): RotationProgress {
    return this.#rotation.progress();
  }

  /** TB1916 while the databases get their key; undefined otherwise. */
  busy(): Fault | undefined {
    if (!this.#rotation.running) return undefined;
    const { done, files } = this.#rotation.progress();
    return fault('TB1916', { site: this.#parts.site, done, files });
  }

  /** Throws TB1601, TB1916. */
  breakGlass(): BreakGlass {
    this.#opened();
    if (!this.#breakGlass) throw fault('TB1601', { site: this.#parts.site });
    return this.#breakGlass;
  }

  #opened(): OpenSite {
    if (!this.#site) throw this.busy() ?? fault('TB1601', { site: this.#parts.site });
    return this.#site;
  }

  /** The new key is in the ring when this returns; the files follow, at the latest after the next opening. */
  #rotate(site: OpenSite, { id, reason, askedBy, approvedBy }: Approval): void {
    const detail = `asked by ${askedBy}, approved by ${approvedBy.join(', ')}`;
    if (this.#rotation.running) throw fault('TB1920');
    site.audit.write({ kind: 'keys', step: 'rotation-started', by: 'site', subject: id, reason, detail });
    this.#rotation.begin();
    // The approval is answered and finished in the databases that are about to be closed.
    setImmediate(() => {
      if (this.#site !== site) return; // closed meanwhile: the next opening does it
      const { reopen, logger } = this.#parts;
      reopen().catch((error: unknown) => logger.error('the site did not open again', { error }));
    });
  }

  /** The journal has the dropped key already; here is what was compared. */
  #report({ audit }: OpenSite): void {
    const run = this.#unreported;
    if (!run) return;
    const { logger } = this.#parts;
    const keys = { kind: 'keys', by: 'site' } as const;
    const files = run.found
      .filter(({ changed }) => changed)
      .map(({ file, tables, rows, digest }) => ({
        ...keys,
        step: 'database-rekeyed',
        subject: file,
        detail: `${tables} tables ${rows} rows sha256 ${digest}`,
      }));
    const failed = run.problems.map(({ file, fault: { code } }) => ({
      ...keys,
      step: 'database-kept',
      subject: file,
      result: code,
    }));
    const left = failed.length;
    const step = left > 0 ? 'rotation-unfinished' : 'retired-key-dropped';
    const result = left > 0 ? 'TB1921' : 'ok';
    try {
      audit.write(...files, ...failed, { ...keys, step, subject: `db epoch ${run.keyEpoch}`, result });
      this.#unreported = undefined;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      logger.error('the rotation is not in audit yet', { error });
    }
  }
}
