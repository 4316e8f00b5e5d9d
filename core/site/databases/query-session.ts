import { wipe } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { fault } from '../../base/errors.ts';
import type { Actor } from '../audit/audit.ts';
import { queryLimits } from './query-limits.ts';
import { type QueryAnswer, QueryProcess } from './query-process.ts';

/** Why a session is over. */
export type SessionEnd = 'closed' | 'expired' | 'sealed';

export interface SessionOrder {
  /** Of the request that was approved. */
  readonly id: string;
  readonly file: string;
  readonly path: string;
  readonly minutes: number;
  readonly owner: Exclude<Actor, 'site'>;
  /** Keys that open the file; the session wipes them. */
  readonly databaseKey: Uint8Array;
  readonly clock: Clock;
}

/** One file open for reading for a time, in a process of its own. */
export class QuerySession {
  readonly order: SessionOrder;
  readonly openedMs: number;
  readonly expiresMs: number;
  /** Statements that were asked of it. */
  statements = 0;
  readonly #endsMonotonicMs: number;
  readonly #over = new AbortController();
  #process: QueryProcess;
  #busy = false;

  private constructor(order: SessionOrder, process: QueryProcess) {
    const { clock, minutes } = order;
    this.order = order;
    this.#process = process;
    this.openedMs = clock.nowMs();
    this.expiresMs = this.openedMs + minutes * 60_000;
    this.#endsMonotonicMs = clock.monotonicMs() + minutes * 60_000;
  }

  /** Throws what opening a database throws; the key is wiped then. */
  static async open(order: SessionOrder): Promise<QuerySession> {
    try {
      return new QuerySession(order, await QueryProcess.open(order.path, order.databaseKey));
    } catch (error) {
      wipe(order.databaseKey);
      throw error;
    }
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** By either clock: a wall clock set back, or one that stood still with the machine, lends no minute. */
  get overdue(): boolean {
    const { clock } = this.order;
    return clock.nowMs() >= this.expiresMs || clock.monotonicMs() >= this.#endsMonotonicMs;
  }

  /** Resolves when the time is over; never, when the session was ended before. */
  async expiry(): Promise<'expired' | 'ended'> {
    const { clock, minutes } = this.order;
    await clock.sleep(minutes * 60_000, this.#over.signal);
    return this.#over.signal.aborted ? 'ended' : 'expired';
  }

  /** Throws TB1913 to TB1915, TB1917, and TB1922 when the session ends meanwhile. */
  async run(sql: string): Promise<QueryAnswer> {
    const { id } = this.order;
    if (this.#busy) throw fault('TB1913', { id });
    this.#busy = true;
    try {
      return await this.#timed(sql);
    } catch (error) {
      throw this.#over.signal.aborted ? this.#interrupted() : error;
    } finally {
      this.#busy = false;
    }
  }

  /** At once, also in the middle of a statement; the key is wiped. */
  end(how: SessionEnd): void {
    this.#over.abort(how);
    this.#process.kill();
    wipe(this.order.databaseKey);
  }

  /** When the time is over the process is ended with its statement, and the session gets a new one. */
  async #timed(sql: string): Promise<QueryAnswer> {
    const { clock } = this.order;
    const process = this.#process;
    const done = new AbortController();
    let late = false;
    const limit = clock.sleep(queryLimits.statementMs, done.signal).then(() => {
      late = !done.signal.aborted;
      if (late) process.kill();
    });
    try {
      return await process.run(sql);
    } catch (error) {
      if (late && !this.#over.signal.aborted) await this.#replace();
      throw late ? fault('TB1917', { seconds: queryLimits.statementMs / 1_000 }) : error;
    } finally {
      done.abort();
      await limit;
    }
  }

  async #replace(): Promise<void> {
    const { path, databaseKey } = this.order;
    this.#process = await QueryProcess.open(path, databaseKey);
    if (this.#over.signal.aborted) this.#process.kill();
  }

  #interrupted(): Error {
    return fault('TB1922', { id: this.order.id, result: String(this.#over.signal.reason) });
  }
}
