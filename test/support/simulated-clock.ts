import type { Clock } from '../../core/base/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly number: number;
  readonly done: () => void;
}

/**
 * Time that moves only when a test says so. Between two timers everything that can go on does: work in memory
 * waits for nothing but promises, and `settle` lets all of those run.
 */
export class SimulatedClock implements Clock {
  static readonly startMs = Date.UTC(2026, 0, 1);
  #nowMs = 0;
  #count = 0;
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return SimulatedClock.startMs + Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return 1_000 + this.#nowMs;
  }

  /** Timers that have not fired. */
  get waiting(): number {
    return this.#timers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        this.#timers.delete(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer: Timer = { atMs: this.#nowMs + Math.max(0, ms), number: this.#count++, done };
      this.#timers.add(timer);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  /** Runs `act` then; for a world that schedules its own events. */
  at(ms: number, act: () => void): void {
    void this.sleep(ms - this.#nowMs).then(act);
  }

  /** Milliseconds since the simulation began. */
  get elapsedMs(): number {
    return this.#nowMs;
  }

  /** Lets everything run that waits for no timer. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Fires the next timer if it is due by `untilMs`; timers of the same time in the order of their making. */
  async step(untilMs: number): Promise<boolean> {
    await this.settle();
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (!next || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.number < next.number)) {
        next = timer;
      }
    }
    if (!next || next.atMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      return false;
    }
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.done();
    await this.settle();
    return true;
  }

  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    while (await this.step(untilMs));
  }
}
