import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { wipe } from '../core/base/bytes.ts';
import { Follower } from '../core/follow/follower.ts';
import { RecordTables } from '../core/intake/record-table.ts';
import type { LogName } from '../core/log/batch.ts';
import type { LogStore } from '../core/log/log-store.ts';
import { datasetOf } from '../core/records/datasets.ts';
import { recordEffect } from '../core/site/logs/record-effect.ts';
import { Database } from '../core/store/database.ts';
import { migrate } from '../core/store/migrate.ts';

/** A registry has some thousands of entries in a year. */
const entriesMax = 20_000;

/**
 * Record tables of the registry above, in a file of their own: in the hub's file the tables of those names
 * are the hub's own registry. It can be deleted while the hub is stopped, and is made again from the log.
 */
export class RegistryCopy {
  readonly tables: RecordTables;
  readonly #database: Database;
  readonly #follower: Follower;

  /** `source` holds the log; `key` as `Database.open` takes it, wiped here. */
  constructor(folder: string, key: Uint8Array, source: LogStore, log: LogName) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'above.db');
    this.#database = Database.open({ path, key, mode: 'ensure', durability: 'derived' });
    wipe(key);
    migrate(this.#database, [Follower.schema]);
    this.tables = new RecordTables(this.#database, datasetOf('registry'));
    const effect = recordEffect(this.tables);
    this.#follower = new Follower('records', source, log, this.#database, effect, entriesMax);
    this.catchUp();
  }

  /** Takes what has arrived since. */
  catchUp(): void {
    while (this.#follower.once() > 0);
  }

  close(): void {
    this.#database.close();
  }
}
