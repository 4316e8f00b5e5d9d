import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import type { Act, Audit } from './audit.ts';

/** What may be written about refused callers, so that nobody fills the disk by knocking (I7). */
export const refusalLimits = {
  /** Acts of their own within one period; a person who errs is told apart from others. */
  acts: 50,
  /** 10 min: with the sum after it at most 7,344 acts a day, some 3 MB. */
  periodMs: 600_000,
  /** Codes that a sum names one by one. */
  codes: 20,
} as const;

export type Refusal = Omit<Act, 'kind'>;

/**
 * Refused calls and handshakes, in `audit`: the first ones of a period each, the others as one sum at its
 * end. What is refused while the site is sealed is part of the sum after the unsealing. A refusal stands
 * whether it can be written or not; what could not be is counted in the next sum.
 */
export class Refusals {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** Undefined while the site is sealed. */
  readonly #audit: () => Audit | undefined;
  #beganMs = Number.NEGATIVE_INFINITY;
  #written = 0;
  readonly #counted = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonicMs'>, audit: () => Audit | undefined) {
    this.#clock = clock;
    this.#audit = audit;
  }

  /** `untold` are more of the kind that were not handed over one by one. */
  add(refusal: Refusal, untold = 0): void {
    this.flush();
    if (untold > 0) this.#count('untold', untold);
    const audit = this.#audit();
    if (!audit || this.#written >= refusalLimits.acts || !tried(audit, [{ ...refusal, kind: 'refusal' }])) {
      this.#count(refusal.result ?? refusal.step);
    } else this.#written += 1;
  }

  /** Ends a period that is over; asked with every look at the listener, and before sealing. */
  flush(when: 'over' | 'now' = 'over'): void {
    const nowMs = this.#clock.monotonicMs();
    if (when === 'over' && nowMs - this.#beganMs < refusalLimits.periodMs) return;
    const audit = this.#audit();
    if (!audit) return;
    if (this.#counted.size > 0 && !tried(audit, [this.#sum()])) return;
    this.#counted.clear();
    this.#beganMs = nowMs;
    this.#written = 0;
  }

  #sum(): Act {
    const all = [...this.#counted.values()].reduce((sum, count) => sum + count, 0);
    const detail = [...this.#counted].map(([code, count]) => `${code} ${count}`).join(', ');
    return { kind: 'refusal', step: 'more-refused', by: 'site', subject: `${all} more`, detail };
  }

  #count(code: string, more = 1): void {
    const known = this.#counted.has(code) || this.#counted.size < refusalLimits.codes;
    const name = known ? code : 'others';
    this.#counted.set(name, (this.#counted.get(name) ?? 0) + more);
  }
}

function tried(audit: Audit, acts: readonly Act[]): boolean {
  try {
    audit.write(...acts);
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}
