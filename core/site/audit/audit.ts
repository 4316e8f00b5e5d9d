import { assert } from '../../base/assert.ts';
import { toHex } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault, fault } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { redactText } from '../../base/redact.ts';
import type { Intake } from '../../intake/intake.ts';
import type { Peer } from '../../link/channel.ts';
import type { ActKind } from '../../records/audit.ts';

/** Who acts: the person or system of a certificate, or the site by itself. */
export type Actor = Pick<Peer, 'site' | 'role' | 'name' | 'fingerprint'> | 'site';

/** One act, as it goes into the log. Free texts are masked; codes, sizes, hashes and sites are not. */
export interface Act {
  readonly kind: ActKind;
  /** One word with hyphens: `requested`, `share-entered`, `call-refused`. */
  readonly step: string;
  readonly by: Actor;
  /** What it was done to; at most 300 characters. */
  readonly subject?: string;
  /** `ok` when absent. */
  readonly result?: string;
  /** Address of the caller. */
  readonly from?: string;
  /** As a person gave it; at most 400 characters are kept. */
  readonly reason?: string;
  /** What more proves it; at most 4,000 characters are kept. */
  readonly detail?: string;
  /** When it happened, where that is not now (a journal's record). */
  readonly atMs?: number;
}

export interface AuditParts {
  readonly intake: Intake;
  readonly site: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly random: Random;
  /** Entries have been appended: wakes the sender. */
  grew(): void;
}

/** Acts of one call of the intake. */
const portion = 1_000;

/**
 * The site's `audit` log. `write` is durable when it returns, and its caller does what it wrote down only
 * then: an act that can't be recorded does not happen (T20).
 */
export class Audit {
  readonly #parts: AuditParts;

  constructor(parts: AuditParts) {
    this.#parts = parts;
  }

  /** All of them in one transaction. Throws TB1219; nothing is written then. */
  write(...acts: readonly Act[]): void {
    if (acts.length === 0) return;
    const { intake } = this.#parts;
    this.#refusing(() => {
      intake.together(() => {
        for (let first = 0; first < acts.length; first += portion)
          this.#store(acts.slice(first, first + portion));
        return 0;
      });
    });
    this.#parts.grew();
  }

  /**
   * Does `work`, which writes into the same database, and writes down what it says, in one transaction: the
   * act carries its outcome, and neither is there without the other. Throws TB1219 and what `work` throws.
   */
  with<T extends object>(work: () => { readonly done: T; readonly act: Act }): T {
    const outcome: { done?: T } = {};
    this.#parts.intake.together(() => {
      const { done, act } = work();
      this.#refusing(() => this.#store([act]));
      outcome.done = done;
      return 0;
    });
    assert(outcome.done !== undefined, 'the work was done');
    this.#parts.grew();
    return outcome.done;
  }

  #refusing(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof Fault) throw fault('TB1219', { path: `${this.#parts.site}/audit` }, error);
      throw error;
    }
  }

  #store(acts: readonly Act[]): void {
    const { intake, site } = this.#parts;
    const context = {
      today: Math.floor(this.#parts.clock.nowMs() / 86_400_000),
      migrated: false,
      testIds: false,
      defaults: { src_sys: 'U', crter_id: 'tongbu', opter_id: 'tongbu', optins_no: site },
    };
    const put = (withTexts: boolean) => {
      const rows = acts.map((act, row) => ({ row: row + 1, raw: this.#row(act, withTexts) }));
      return intake.put(rows, { entity: 'act', context, dryRun: true }).findings.length > 0
        ? undefined
        : intake.put(rows, { entity: 'act', context, dryRun: false });
    };
    const stored = put(true);
    if (!stored && acts.length > 1) {
      for (const act of acts) this.#store([act]);
      return;
    }
    // A text that still looks like identity data is dropped, never the act.
    const accepted = (stored ?? put(false))?.accepted;
    assert(accepted === acts.length, 'an act is a valid row');
  }

  #row(act: Act, withTexts: boolean): Record<string, string | undefined> {
    const atMs = act.atMs ?? this.#parts.clock.nowMs();
    const time = new Date(atMs).toISOString();
    const text = (value: string | undefined, max: number) =>
      value === undefined || value === '' ? undefined : withTexts ? printable(value, max) : '***';
    return {
      act_no: `${time.replaceAll(/[-:.]/g, '')}-${toHex(this.#parts.random.bytes(4))}`,
      act_time: time,
      act_kind: act.kind,
      act_step: act.step,
      actor: printActor(act.by),
      cert_fpr: act.by === 'site' ? undefined : act.by.fingerprint || undefined,
      from_addr: act.from?.slice(0, 64) || undefined,
      subject: text(act.subject, 300),
      result: act.result ?? 'ok',
      reason: text(act.reason, 400),
      detail: text(act.detail, 4_000),
    };
  }
}

/** `officer/zhao@430121`, `node@430121`, `site`. */
export function printActor(actor: Actor): string {
  if (actor === 'site') return 'site';
  const who = actor.name === '' ? actor.role : `${actor.role}/${actor.name}`;
  return `${who}@${actor.site}`.slice(0, 80);
}

/** One line without identity data or secrets. */
function printable(text: string, max: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a record's text has none
  const line = redactText(text.toWellFormed().replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' '));
  return [...line].slice(0, max).join('').trim() || '***';
}
