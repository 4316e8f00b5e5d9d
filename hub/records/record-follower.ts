import { mkdirSync } from 'node:fs';
import { type LogName, printLog } from '../../core/log/batch.ts';
import { Thread } from '../../core/site/thread.ts';
import type { RecordsAsks, RecordsThreadData } from './records-thread.ts';

const script = new URL('./records-thread.ts', import.meta.url);

/** Keeps the record tables of all origins up to date, one origin after another, in a thread of its own. */
export class RecordFollower {
  readonly #thread: Thread<RecordsAsks>;
  readonly #failed: (error: unknown) => void;
  readonly #followed: (origin: string) => void;
  readonly #waiting = new Set<string>();
  readonly #states = new Map<string, { recorded: number; quarantined: number }>();
  #running: Promise<void> | undefined;
  #stopped = false;

  /** `followed` hears of every origin whose records have changed. */
  constructor(data: RecordsThreadData, failed: (error: unknown) => void, followed: (origin: string) => void) {
    mkdirSync(data.records, { recursive: true, mode: 0o700 });
    this.#thread = new Thread<RecordsAsks>(script, data, failed);
    this.#failed = failed;
    this.#followed = followed;
  }

  /** Takes up where each origin's follower stopped. */
  async start(): Promise<void> {
    for (const origin of await this.#thread.ask('origins', undefined)) this.grew(origin);
  }

  /** A hint: the origin's ledger has more. */
  grew(origin: string): void {
    this.#waiting.add(origin);
    if (this.#running || this.#stopped) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        if (!this.#stopped) this.#failed(error);
      })
      .finally(() => {
        this.#running = undefined;
        // A hint that came after the last look and before this line.
        const [next] = this.#waiting;
        if (next !== undefined && !this.#stopped) this.grew(next);
      });
  }

  of(log: LogName): { readonly recorded: number; readonly quarantined: number } {
    return this.#states.get(printLog(log)) ?? { recorded: 0, quarantined: 0 };
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#thread.close();
  }

  /** In turn: an origin that has more than one transaction's worth goes to the end of the queue. */
  async #run(): Promise<void> {
    for (const origin of this.#waiting) {
      if (this.#stopped) return;
      this.#waiting.delete(origin);
      const { taken, states } = await this.#thread.ask('follow', { origin });
      for (const { log, ...state } of states) this.#states.set(printLog(log), state);
      if (taken > 0) {
        this.#waiting.add(origin);
        this.#followed(origin);
      }
    }
  }
}
