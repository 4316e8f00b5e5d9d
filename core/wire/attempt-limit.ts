import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';

export interface AttemptRate {
  /** Attempts that an address may make at once. */
  readonly burst: number;
  /** Time in which one more becomes free. */
  readonly refillMs: number;
  /** Addresses that are remembered; beyond it the longest quiet one is forgotten. */
  readonly addresses: number;
}

/** A token bucket for each address, by monotonic time. */
export class AttemptLimit {
  readonly #rate: AttemptRate;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** When the bucket of an address is full again; the order of insertion is the order of use. */
  readonly #fullAtMs = new Map<string, number>();

  constructor(rate: AttemptRate, clock: Pick<Clock, 'monotonicMs'>) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Counts one attempt, or throws TB1319 and counts nothing. */
  take(address: string): void {
    const { burst, refillMs, addresses } = this.#rate;
    const nowMs = this.#clock.monotonicMs();
    const fullAtMs = Math.max(this.#fullAtMs.get(address) ?? nowMs, nowMs) + refillMs;
    const waitMs = fullAtMs - nowMs - burst * refillMs;
    if (waitMs > 0) throw fault('TB1319', { seconds: Math.ceil(waitMs / 1000) });
    this.#fullAtMs.delete(address);
    this.#fullAtMs.set(address, fullAtMs);
    const [oldest] = this.#fullAtMs.keys();
    if (this.#fullAtMs.size > addresses && oldest !== undefined) this.#fullAtMs.delete(oldest);
  }

  /** The attempt was none. */
  giveBack(address: string): void {
    const fullAtMs = this.#fullAtMs.get(address);
    if (fullAtMs !== undefined) this.#fullAtMs.set(address, fullAtMs - this.#rate.refillMs);
  }
}
