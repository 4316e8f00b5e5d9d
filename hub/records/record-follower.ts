import { mkdirSync } from 'node:fs';
import type { Clock } from '../../core/base/clock.ts';
import { Fault } from '../../core/base/errors.ts';
import { type LogName, printLog } from '../../core/log/batch.ts';
import { Thread } from '../../core/site/thread.ts';
import type { Troubles } from '../troubles.ts';
import type { RecordsAsks, RecordsThreadData } from './records-thread.ts';

const script = new URL('./records-thread.ts', import.meta.url);

export interface RecordFollowerPorts {
  readonly clock: Clock;
  readonly troubles: Troubles;
  /** The thread died: the process must end (I10). */
  failed(error: unknown): void;
  /** The records of an origin have changed. */
  followed(origin: string): void;
}

/** Keeps the record tables of all origins up to date, one origin after another, in a thread of its own. */
export class RecordFollower {
  readonly #thread: Thread<RecordsAsks>;
  readonly #ports: RecordFollowerPorts;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<string>();
  readonly #states = new Map<string, { recorded: number; quarantined: number }>();
  #running: Promise<void> | undefined;

  constructor(data: RecordsThreadData, ports: RecordFollowerPorts) {
    mkdirSync(data.records, { recursive: true, mode: 0o700 });
    this.#thread = new Thread<RecordsAsks>(script, data, ports.failed);
    this.#ports = ports;
  }

  /** Takes up where each origin's follower stopped. */
  async start(): Promise<void> {
    for (const origin of await this.#thread.ask('origins', undefined)) this.grew(origin);
  }

  /** A hint: the origin's ledger has more. */
  grew(origin: string): void {
    this.#waiting.add(origin);
    if (this.#running || this.#stop.signal.aborted) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#ports.failed(error);
      })
      .finally(() => {
        this.#running = undefined;
        // A hint that came after the last look and before this line.
        const [next] = this.#waiting;
        if (next !== undefined && !this.#stop.signal.aborted) this.grew(next);
      });
  }

  of(log: LogName): { readonly recorded: number; readonly quarantined: number } {
    return this.#states.get(printLog(log)) ?? { recorded: 0, quarantined: 0 };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#thread.close();
  }

  /** In turn: an origin that has more than one transaction's worth goes to the end of the queue. */
  async #run(): Promise<void> {
    for (const origin of this.#waiting) {
      if (this.#stop.signal.aborted) return;
      this.#waiting.delete(origin);
      const taken = await this.#follow(origin);
      if (taken > 0) {
        this.#waiting.add(origin);
        this.#ports.followed(origin);
      }
    }
  }

  /** One origin that can't be followed now is tried again later; the others go on. */
  async #follow(origin: string): Promise<number> {
    const { clock, troubles } = this.#ports;
    try {
      const { taken, states } = await this.#thread.ask('follow', { origin });
      for (const { log, ...state } of states) this.#states.set(printLog(log), state);
      troubles.clear('records', origin);
      return taken;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      troubles.set('records', origin, error);
      void clock.sleep(retryMs, this.#stop.signal).then(() => this.grew(origin));
      return 0;
    }
  }
}

/** A full disk or a damaged file does not get better within seconds. */
const retryMs = 30_000;
