import type { Clock } from '../../core/base/clock.ts';
import type { Outcome } from '../../core/link/receiver-session.ts';
import type { LogName } from '../../core/log/batch.ts';
import type { Cosigner } from '../../core/log/keys.ts';
import { LogStore } from '../../core/log/log-store.ts';
import { type Delivery, ReceivingStore } from '../../core/site/logs/receiving-store.ts';
import { SendingStore } from '../../core/site/logs/sending-store.ts';
import { Database } from '../../core/store/database.ts';
import { migrate } from '../../core/store/migrate.ts';
import type { LedgerLog, StoredReceipt } from './ledger.ts';

export const ledgerMigrations = [LogStore.schema] as const;

/** One origin's logs in one encrypted file: a damaged file costs one county, which sends again. */
export class LedgerFile {
  readonly #database: Database;
  readonly #store: LogStore;
  readonly #receiving: ReceivingStore;
  readonly #clock: Clock;

  constructor(path: string, key: Uint8Array, mirror: Cosigner<'mirror'>, clock: Clock) {
    this.#database = Database.open({ path, key, mode: 'ensure', durability: 'full' });
    migrate(this.#database, ledgerMigrations);
    this.#store = new LogStore(this.#database);
    this.#receiving = new ReceivingStore(this.#store, mirror, clock);
    this.#clock = clock;
  }

  open(log: LogName): ReturnType<ReceivingStore['open']> {
    return this.#receiving.open(log);
  }

  store(deliveries: readonly Delivery[]): Outcome[] {
    return this.#receiving.store(deliveries);
  }

  sending(log: LogName): SendingStore {
    return new SendingStore(this.#store, log, undefined, this.#clock);
  }

  logs(): LedgerLog[] {
    const receipts = this.#database.prepare<StoredReceipt>(
      'SELECT receiver, size, received_ms AS receivedMs FROM receipt WHERE log_id = ? ORDER BY receiver',
    );
    return this.#store.all().map((state) => ({
      log: state.name,
      size: state.size,
      root: this.#store.newestCheckpoint(state.id)?.root ?? new Uint8Array(),
      newestMs: state.newestMs,
      receipts: receipts.all(state.id),
    }));
  }

  close(): void {
    this.#database.close();
  }
}

/** `430121/enrollment` and the like belong into the file of their origin. */
export function ledgerPath(folder: string, log: Pick<LogName, 'origin'>): string {
  return `${folder}/${log.origin}.db`;
}
