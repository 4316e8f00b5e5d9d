import type { Clock } from './clock.ts';
import { Fault } from './errors.ts';
import type { Random } from './random.ts';

/** What one round did: 'busy' runs the next at once, 'idle' waits for `wake` or the interval. */
export type Round = 'busy' | 'idle';

export interface LoopOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Longest wait between two idle rounds. */
  readonly intervalMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  once(signal: AbortSignal): Promise<Round>;
  /** Told of every failed round; the loop alone decides about the retry. */
  failed(error: Fault, waitMs: number): void;
}

/**
 * Every background activity is one of these. A fault that may be retried backs off (doubling, with full
 * jitter, so that 122 counties do not return in step); anything else ends `run` with that error.
 */
export class Loop {
  readonly #options: LoopOptions;
  readonly #stop = new AbortController();
  #woken = false;
  #nap: AbortController | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { clock, random, intervalMs, backoffMinMs, backoffMaxMs } = this.#options;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      let waitMs: number;
      try {
        const round = await this.#options.once(this.#stop.signal);
        failures = 0;
        waitMs = round === 'busy' ? 0 : intervalMs;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (!(error instanceof Fault) || !error.retry) throw error;
        const ceilingMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(failures, 30));
        failures += 1;
        waitMs = Math.max(backoffMinMs / 2, ceilingMs * random.uniform());
        this.#options.failed(error, waitMs);
      }
      // A stop that came during the round found no nap to end.
      if (waitMs > 0 && !this.#woken && !this.#stop.signal.aborted) await this.#sleep(clock, waitMs);
      this.#woken = false;
    }
  }

  /** Ends a wait early, or skips the next one: a hint that there is work. */
  wake(): void {
    this.#woken = true;
    this.#nap?.abort();
  }

  stop(): void {
    this.#stop.abort();
    this.#nap?.abort();
  }

  async #sleep(clock: Clock, ms: number): Promise<void> {
    this.#nap = new AbortController();
    await clock.sleep(ms, this.#nap.signal);
    this.#nap = undefined;
  }
}
