import { mkdirSync } from 'node:fs';
import type { Clock } from '../../core/base/clock.ts';
import { Fault, fault } from '../../core/base/errors.ts';
import { type Batch, type BatchBounds, type LogName, type Position, printLog } from '../../core/log/batch.ts';
import { LogNodes } from '../../core/log/log-nodes.ts';
import { LogStore } from '../../core/log/log-store.ts';
import { type EntryProof, proveEntry } from '../../core/log/prove-entry.ts';
import { exportTiles, type TileWriter } from '../../core/log/tile.ts';
import { inspectLog } from '../../core/site/logs/inspect-log.ts';
import type { LogReport } from '../../core/site/logs/log-report.ts';
import type { OriginKey } from '../../core/site/logs/origin-key.ts';
import { tileSourceOf } from '../../core/site/logs/tile-source.ts';
import { Thread } from '../../core/site/thread.ts';
import { Database } from '../../core/store/database.ts';
import type { Troubles } from '../troubles.ts';
import type { Ledger, LedgerLog } from './ledger.ts';
import type { LedgerAsks, LedgerThreadData } from './ledger-asks.ts';
import { ledgerPath } from './ledger-file.ts';

const script = new URL('./ledger-thread.ts', import.meta.url);

export type LedgerOptions = Omit<LedgerThreadData, 'index' | 'count'>;

/** The embedded ledger: one SQLite file an origin, written by a small pool of threads. */
export class SqliteLedger implements Ledger {
  readonly #data: LedgerOptions;
  readonly #clock: Clock;
  readonly #troubles: Troubles;
  readonly #threads: readonly Thread<LedgerAsks>[];

  /** `failed` hears that a thread lost track of what is durable: the process must end (I10). */
  constructor(
    data: LedgerOptions,
    count: number,
    clock: Clock,
    troubles: Troubles,
    failed: (error: unknown) => void,
  ) {
    this.#troubles = troubles;
    mkdirSync(data.folder, { recursive: true, mode: 0o700 });
    this.#data = data;
    this.#clock = clock;
    this.#threads = Array.from({ length: count }, (_none, index) => {
      const own: LedgerThreadData = { ...data, index, count };
      return new Thread<LedgerAsks>(script, own, failed);
    });
  }

  open(log: LogName): Promise<{ position: Position; fence: number }> {
    return this.#of(log).ask('open', { log });
  }

  store(log: LogName, batch: Batch, fence: number, key: OriginKey) {
    // Bytes of their own, handed over: a view would carry its whole message along.
    const entries = Uint8Array.from(batch.entries);
    const checkpoint = Uint8Array.from(batch.checkpoint);
    const own: Batch = { ...batch, entries, checkpoint };
    return this.#of(log).ask('store', { log, batch: own, fence, key }, [entries.buffer, checkpoint.buffer]);
  }

  head(log: LogName) {
    return this.#of(log).ask('head', { log });
  }

  compare(log: LogName, position: Position) {
    return this.#of(log).ask('compare', {
      log,
      position: { ...position, root: Uint8Array.from(position.root) },
    });
  }

  read(log: LogName, from: number, bounds: BatchBounds) {
    return this.#of(log).ask('read', { log, from, bounds });
  }

  async keep(
    log: LogName,
    ack: { readonly size: number; readonly cosignature: Uint8Array },
    receiver: OriginKey,
    site: string,
  ): Promise<void> {
    const cosignature = Uint8Array.from(ack.cosignature);
    await this.#of(log).ask('keep', { log, size: ack.size, cosignature, receiver, site });
  }

  async logs(origin?: string): Promise<LedgerLog[]> {
    const asked = origin === undefined ? this.#threads : [this.#of({ origin })];
    const answers = await Promise.all(asked.map((thread) => thread.ask('logs', { origin })));
    for (const { logs, damaged } of answers) {
      for (const { log } of logs) this.#troubles.clear('ledger', log.origin);
      for (const { origin: file, code, parameters } of damaged) {
        this.#troubles.set('ledger', file, new Fault(code, parameters));
      }
    }
    const logs = answers.flatMap((answer) => answer.logs);
    return logs.sort((a, b) => (printLog(a.log) < printLog(b.log) ? -1 : 1));
  }

  verify(log: LogName, key: OriginKey, progress: (size: number) => void): Promise<LogReport> {
    const path = ledgerPath(this.#data.folder, log);
    const { databaseKey } = this.#data;
    return inspectLog({ path, databaseKey, log, key }, this.#clock, progress);
  }

  async prove(log: LogName, index: number): Promise<EntryProof> {
    return this.#reading(log, async (store, state) => proveEntry(store, state, index));
  }

  async export(log: LogName, write: TileWriter): Promise<void> {
    await this.#reading(log, (store, state) =>
      exportTiles(tileSourceOf(store, state, new LogNodes(store, state)), write),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  async #reading<T>(
    log: LogName,
    work: (store: LogStore, state: NonNullable<ReturnType<LogStore['find']>>) => Promise<T>,
  ): Promise<T> {
    const path = ledgerPath(this.#data.folder, log);
    const database = Database.open({ path, key: this.#data.databaseKey, mode: 'read', durability: 'full' });
    try {
      const store = new LogStore(database);
      const state = store.find(log);
      if (!state) throw fault('TB1447', { log: printLog(log) });
      return await work(store, state);
    } finally {
      database.close();
    }
  }

  #of({ origin }: { readonly origin: string }): Thread<LedgerAsks> {
    const thread = this.#threads[Number(origin) % this.#threads.length];
    if (!thread) throw new RangeError('a ledger has at least one thread');
    return thread;
  }
}
