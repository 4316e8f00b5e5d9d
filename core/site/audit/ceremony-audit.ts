import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import type { Peer } from '../../link/channel.ts';
import type { Seal } from '../../seal/seal.ts';
import type { OpenSite } from '../open-site.ts';
import type { Act } from './audit.ts';

/** How long an emergency waits for its record to leave the site. */
const flushMs = 1_000;
const flushStepMs = 50;

/** One act of a ceremony, before it is known how it ends. */
export interface CeremonyAct {
  readonly step: string;
  readonly peer: Peer;
  /** Ceremony, set or kind. */
  readonly subject: string;
  readonly reason?: string;
  /** A drill is a kind of its own. */
  readonly kind?: 'ceremony' | 'drill';
  /** What else proves it: who shall hold shares. */
  readonly detail?: string;
}

/** What of an open site an act needs. */
export type AuditedSite = Pick<OpenSite, 'audit' | 'links' | 'logs'>;

export interface CeremonyAuditParts {
  readonly seal: Seal;
  readonly clock: Clock;
  /** Throws while the site is not open. */
  open(): AuditedSite;
}

/**
 * Writes what officers do at an open site into its audit log, beside the seal's own journal: once as `begun`
 * before it is done, and once with the outcome. An act without an outcome was interrupted. While the site is
 * sealed the journal has it alone, and is copied when the site opens.
 */
export class CeremonyAudit {
  readonly #parts: CeremonyAuditParts;

  constructor(parts: CeremonyAuditParts) {
    this.#parts = parts;
  }

  /** Throws TB1219, and then nothing was done; and what `work` throws. */
  async around<T>(act: CeremonyAct, work: () => T | Promise<T>): Promise<T> {
    if (this.#parts.seal.status().state !== 'unsealed') return work();
    this.#write(act, 'begun');
    try {
      const done = await work();
      // sealing is the one act after which there is no log to write to; the journal has it
      if (this.#parts.seal.status().state === 'unsealed') this.#write(act, 'ok');
      return done;
    } catch (error) {
      if (error instanceof Fault) this.#writeIfPossible(act, error.code);
      throw error;
    }
  }

  /**
   * The record of an emergency, which nothing may hold up: where it can't be written or sent within a second
   * the site closes without it. The keys are wiped already; the open files need them no more to append.
   */
  async emergency(site: AuditedSite, act: CeremonyAct, ended: string): Promise<void> {
    try {
      site.audit.write(this.#act(act, ended));
      await this.#sent(site);
    } catch {
      // the journal has it, or the disk fails altogether
    }
  }

  /** Waits until every receiver of this site's audit log has it, or the time is over. */
  async #sent(site: AuditedSite): Promise<void> {
    const { clock } = this.#parts;
    const untilMs = clock.monotonicMs() + flushMs;
    while (clock.monotonicMs() < untilMs && !(await isSent(site))) await clock.sleep(flushStepMs);
  }

  #write(act: CeremonyAct, result: string): void {
    this.#parts.open().audit.write(this.#act(act, result));
  }

  #writeIfPossible(act: CeremonyAct, result: string): void {
    try {
      this.#write(act, result);
    } catch {
      // what went wrong first is what the caller hears; `begun` and the journal are there
    }
  }

  #act(
    { kind = 'ceremony', step, peer, subject, reason = '', detail = '' }: CeremonyAct,
    result: string,
  ): Act {
    return { kind, step, by: peer, subject, reason, detail, result, from: peer.address ?? '' };
  }
}

/** A site without a link upwards has nobody to wait for. */
async function isSent(site: AuditedSite): Promise<boolean> {
  if (site.links().length === 0) return true;
  const own = (await site.logs()).find(({ own, log }) => own && log.dataset === 'audit');
  if (own === undefined) return true;
  return own.receipts.length > 0 && own.receipts.every(({ size }) => size >= own.size);
}
