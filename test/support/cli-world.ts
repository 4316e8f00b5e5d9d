import { PassThrough } from 'node:stream';
import type { Clock } from '../../core/base/clock.ts';
import { seededRandom } from '../../core/base/random.ts';
import {
  type CliContext,
  createContext,
  type Environment,
  type Input,
  type Output,
} from '../../core/cli/context.ts';

/** A command's surroundings in memory: what it prints is read back, time passes when the test says so. */
export interface CliWorld {
  readonly context: CliContext;
  readonly clock: ManualClock;
  readonly abort: AbortController;
  /** Types or pipes into standard input. */
  type(text: string): void;
  endInput(): void;
  out(): string;
  err(): string;
  /** Every change of the terminal's raw mode. */
  readonly rawModes: readonly boolean[];
}

export interface CliWorldOptions {
  readonly environment?: Environment;
  readonly json?: boolean;
  readonly terminal?: boolean;
}

export function createCliWorld({
  environment = {},
  json = false,
  terminal = false,
}: CliWorldOptions = {}): CliWorld {
  const rawModes: boolean[] = [];
  const stdin: Input = Object.assign(new PassThrough(), {
    isTTY: terminal,
    setRawMode: (mode: boolean) => rawModes.push(mode),
  });
  const [stdout, out] = sink(terminal);
  const [stderr, err] = sink(terminal);
  const clock = new ManualClock();
  const abort = new AbortController();
  const random = seededRandom(1);
  const context = createContext({
    stdin,
    stdout,
    stderr,
    environment,
    json,
    clock,
    random,
    signal: abort.signal,
  });
  return {
    context,
    clock,
    abort,
    type: (text) => void (stdin as PassThrough).write(text),
    endInput: () => void (stdin as PassThrough).end(),
    out,
    err,
    rawModes,
  };
}

function sink(terminal: boolean): [Output, () => string] {
  const stream = Object.assign(new PassThrough(), { isTTY: terminal, columns: 100 });
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  return [stream, () => text];
}

/** Time that stands still until `pass`; sleepers wake in order. */
export class ManualClock implements Clock {
  #nowMs = 0;
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  nowMs(): number {
    return 1_800_000_000_000 + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
    this.#sleepers.push({ atMs: this.#nowMs + ms, wake: resolve });
    return promise;
  }

  /** Lets `ms` pass, waking whoever is due on the way and letting it act. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#sleepers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.wake();
      await settled();
    }
    this.#nowMs = endMs;
    await settled();
  }
}

/** Lets everything run that waits for nothing but its turn. */
export function settled(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  return promise;
}
