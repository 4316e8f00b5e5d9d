import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { Fault } from '../../../core/base/errors.ts';
import { type Effect, Follower } from '../../../core/follow/follower.ts';
import type { Outcome } from '../../../core/link/receiver-session.ts';
import type { Batch, LogName, Position } from '../../../core/log/batch.ts';
import { printLog } from '../../../core/log/batch.ts';
import { decompress } from '../../../core/log/compression.ts';
import { cosign } from '../../../core/log/cosignature.ts';
import type { Cosigner } from '../../../core/log/keys.ts';
import { LogStore } from '../../../core/log/log-store.ts';
import { type Delivery, ReceivingStore } from '../../../core/site/logs/receiving-store.ts';
import { Database } from '../../../core/store/database.ts';
import { migrate } from '../../../core/store/migrate.ts';
import { databaseKey } from '../../support/log-setting.ts';
import type { SimulatedClock } from '../../support/simulated-clock.ts';
import type { Mutation } from './mutation.ts';

/** Told of every store: the fence of the session, the newest fence then, and what was answered. */
export type StoreWatch = (path: string, delivery: Delivery, newestFence: number, outcome: Outcome) => void;

export interface SiteFileOptions {
  readonly path: string;
  readonly mirror: Cosigner<'mirror'>;
  readonly clock: SimulatedClock;
  /** How long the disk takes for one group. */
  diskMs(): number;
  readonly watch: StoreWatch;
  readonly mutation: Mutation | undefined;
}

interface Waiting {
  readonly delivery: Delivery;
  answer(outcome: Outcome): void;
  fail(error: unknown): void;
}

const taken = `CREATE TABLE IF NOT EXISTS taken (log TEXT NOT NULL, idx INTEGER NOT NULL, entry BLOB NOT NULL)`;

/** One SQLite file of a site, on a disk that takes its time; whatever waits is stored as one group. */
export class SiteFile {
  readonly path: string;
  readonly database: Database;
  readonly store: LogStore;
  readonly #receiving: ReceivingStore;
  readonly #options: SiteFileOptions;
  readonly #followers = new Map<string, Follower>();
  #waiting: Waiting[] = [];
  #busy = false;
  #closed = false;

  constructor(options: SiteFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.database = Database.open({
      path: options.path,
      key: databaseKey,
      mode: 'ensure',
      durability: 'full',
    });
    migrate(this.database, [LogStore.schema, Follower.schema]);
    this.database.execute(taken);
    this.store = new LogStore(this.database);
    this.#receiving = new ReceivingStore(this.store, options.mirror, options.clock);
    if (options.mutation === 'forgets a follower’s position') {
      this.database.execute('UPDATE follower SET size = max(0, size - 3)');
    }
  }

  open(log: LogName): { position: Position; fence: number } {
    return this.#receiving.open(log);
  }

  deliver(delivery: Delivery): Promise<Outcome> {
    const { mirror, clock, mutation } = this.#options;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ delivery, answer: resolve, fail: reject });
      void this.#work();
      if (mutation !== 'answers before it stores') return;
      const { batch } = delivery;
      const cosignature = cosign(batch.checkpoint, mirror, clock.nowMs());
      resolve({ kind: 'accepted', size: batch.first + batch.count, cosignature });
    });
  }

  /** Brings the taken entries of a log up to date; false when a full disk delays it. */
  follow(log: LogName): boolean {
    if (this.#closed) return true;
    const line = printLog(log);
    try {
      const follower = this.#followers.get(line) ?? this.#follower(log);
      this.#followers.set(line, follower);
      while (follower.once() > 0);
      return true;
    } catch (error) {
      if (!(error instanceof Fault) || !error.retry) throw error;
      return false;
    }
  }

  limitBytes(bytes: number): void {
    this.database.limitBytes(bytes);
  }

  /** What a crash leaves: what was committed, and nothing that waited. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.database.close();
    if (this.#options.mutation === 'loses the newest commits in a crash') this.#goBack();
  }

  #follower(log: LogName): Follower {
    const line = printLog(log);
    const insert = this.database.prepare('INSERT INTO taken (log, idx, entry) VALUES (?, ?, ?)');
    const effect: Effect = {
      apply: (entry, index) => {
        if (entry[0] === 0x21) return { code: 'X01', text: 'it begins with a mark' };
        insert.run(line, index, entry);
        return undefined;
      },
    };
    return new Follower('taker', this.store, log, this.database, effect, 50);
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    await this.#options.clock.sleep(this.#options.diskMs());
    this.#busy = false;
    if (this.#closed) return;
    const group = this.#waiting;
    this.#waiting = [];
    if (this.#options.mutation === 'loses the newest commits in a crash') this.#remember();
    try {
      const outcomes = this.#receiving.store(group.map(({ delivery }) => this.#delivered(delivery)));
      for (const [i, { delivery, answer }] of group.entries()) {
        const outcome = outcomes[i];
        if (outcome) answer(this.#mutated(delivery, outcome));
      }
    } catch (error) {
      for (const { fail } of group) fail(error);
    }
    if (this.#waiting.length > 0) void this.#work();
  }

  #delivered(delivery: Delivery): Delivery {
    if (this.#options.mutation !== 'lets a fenced session write') return delivery;
    return { ...delivery, fence: this.store.find(delivery.log)?.fence ?? 0 };
  }

  #mutated(delivery: Delivery, outcome: Outcome): Outcome {
    const { mutation, mirror, clock } = this.#options;
    const { batch, log } = delivery;
    let said = outcome;
    if (outcome.kind === 'refused') {
      const lies =
        (mutation === 'says yes to a full disk' && outcome.code === 'storage') ||
        (mutation === 'takes entries unproven' && this.#takeUnproven(log, batch));
      if (lies) {
        const cosignature = cosign(batch.checkpoint, mirror, clock.nowMs());
        said = { kind: 'accepted', size: batch.first + batch.count, cosignature };
      }
    }
    this.#options.watch(this.path, delivery, this.store.find(log)?.fence ?? 0, said);
    return said;
  }

  #takeUnproven(log: LogName, { first, count, compression, entries, checkpoint }: Batch): boolean {
    const state = this.store.find(log);
    if (!state || state.size !== first) return false;
    try {
      decompress(compression, entries, 1e7);
      const insert = `INSERT INTO segment (log_id, first, "end", compression, entries, root, checkpoint)
         VALUES (?, ?, ?, ?, ?, zeroblob(32), ?)`;
      const end = first + count;
      this.database.prepare(insert).run(state.id, first, end, compression, entries, checkpoint);
      this.database.prepare('UPDATE log SET size = ?, signed = ? WHERE log_id = ?').run(end, end, state.id);
    } catch {
      return false;
    }
    return true;
  }

  #remember(): void {
    for (const ending of ['', '-wal']) {
      if (existsSync(`${this.path}${ending}`))
        copyFileSync(`${this.path}${ending}`, `${this.path}.old${ending}`);
    }
  }

  #goBack(): void {
    if (!existsSync(`${this.path}.old`)) return;
    for (const ending of ['', '-wal', '-shm']) rmSync(`${this.path}${ending}`, { force: true });
    for (const ending of ['', '-wal']) {
      if (existsSync(`${this.path}.old${ending}`))
        copyFileSync(`${this.path}.old${ending}`, `${this.path}${ending}`);
    }
  }
}
