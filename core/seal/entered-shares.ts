import { wipe } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';

/**
 * The shares of the open ceremony, in memory only. They are wiped at the deadline by a timer of their own,
 * on the monotonic clock, so that neither a clock set back nor a quiet site keeps them longer.
 */
export class EnteredShares {
  readonly #clock: Clock;
  readonly #values = new Map<string, Uint8Array>();
  readonly #stop = new AbortController();
  readonly #deadlineMs: number;

  constructor(clock: Clock, lifeMs: number) {
    this.#clock = clock;
    this.#deadlineMs = clock.monotonicMs() + lifeMs;
    void this.#expire();
  }

  expired(): boolean {
    const expired = this.#clock.monotonicMs() >= this.#deadlineMs;
    if (expired) this.wipe();
    return expired;
  }

  add(officer: string, value: Uint8Array): void {
    this.#values.set(officer, value);
  }

  /** The values themselves, not copies. */
  with(officer: string, value: Uint8Array): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#values, [officer, value]]);
  }

  wipe(): void {
    this.#stop.abort();
    wipe(...this.#values.values());
    this.#values.clear();
  }

  async #expire(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && !this.expired()) {
      await this.#clock.sleep(Math.max(1, this.#deadlineMs - this.#clock.monotonicMs()), signal);
    }
  }
}
