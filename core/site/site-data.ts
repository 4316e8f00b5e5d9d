import { wipe } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { Follower } from '../follow/follower.ts';
import { Intake } from '../intake/intake.ts';
import { RecordTables } from '../intake/record-table.ts';
import { type LogName, printLog } from '../log/batch.ts';
import { ChangeLog } from '../log/change-log.ts';
import { cosigner, ed25519Signer } from '../log/keys.ts';
import { mirrorName, originLine } from '../log/log-origin.ts';
import { LogStore } from '../log/log-store.ts';
import { datasetOf } from '../records/datasets.ts';
import type { KeyRing } from '../seal/key-ring.ts';
import { Database } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { Approvals } from './approvals/approvals.ts';
import { databaseKey } from './databases/database-key.ts';
import { inspectLog } from './logs/inspect-log.ts';
import type { LogReport } from './logs/log-report.ts';
import type { OriginKey } from './logs/origin-key.ts';
import { ReceivingStore } from './logs/receiving-store.ts';
import { recordEffect } from './logs/record-effect.ts';
import { SendingStore } from './logs/sending-store.ts';
import { ServerRows } from './servers/server-rows.ts';

export interface SiteDataOptions {
  readonly path: string;
  readonly site: string;
  readonly trustDomain: string;
  readonly ring: KeyRing;
  /** Datasets that this site writes. */
  readonly own: readonly string[];
  /** Tables of the tier beside those of the logs. */
  readonly schemas?: readonly URL[];
  readonly clock: Clock;
  readonly random: Random;
}

const migrations = [LogStore.schema, Follower.schema, Approvals.schema, ServerRows.schema] as const;

/** Entries that a follower takes in one transaction: a copy is small, a screen waits for it. */
const followEntriesMax = 20_000;

/**
 * The one encrypted file of a county's node, and the hub's own: the logs that this site writes with their
 * record tables, and its copies of the logs from above.
 */
export class SiteData {
  readonly store: LogStore;
  readonly receiving: ReceivingStore;
  readonly #options: SiteDataOptions;
  readonly #database: Database;
  /** Kept for readers beside the running work. */
  readonly #databaseKey: Uint8Array;
  readonly #logs = new Map<string, ChangeLog>();
  readonly #intakes = new Map<string, Intake>();
  readonly #copies = new Map<string, { follower: Follower; tables: RecordTables }>();

  constructor(options: SiteDataOptions, mode: 'create' | 'open') {
    const { path, site, trustDomain, ring, own, clock, random } = options;
    this.#options = options;
    this.#databaseKey = databaseKey(ring);
    this.#database = Database.open({ path, key: this.#databaseKey, mode, durability: 'full' });
    migrate(this.#database, [...migrations, ...(options.schemas ?? [])]);
    this.store = new LogStore(this.#database);
    const mirror = cosigner(mirrorName(trustDomain, site), ring.key('mirror'), 'mirror');
    this.receiving = new ReceivingStore(this.store, mirror, clock);
    for (const dataset of own) {
      const name = { origin: site, dataset };
      const signer = ed25519Signer(originLine(trustDomain, name), ring.key('log'));
      const log = new ChangeLog(this.store, name, signer, clock);
      this.#logs.set(dataset, log);
      this.#intakes.set(dataset, new Intake(this.#database, datasetOf(dataset), log, clock, random));
    }
  }

  get ownDatasets(): readonly string[] {
    return [...this.#logs.keys()];
  }

  /** Throws TB1605 for a dataset that others write. */
  intake(dataset: string): Intake {
    const intake = this.#intakes.get(dataset);
    if (!intake) throw this.#notWritten(dataset);
    return intake;
  }

  isOwn(log: LogName): boolean {
    return log.origin === this.#options.site && this.#logs.has(log.dataset);
  }

  sending(log: LogName): SendingStore {
    const own = this.isOwn(log) ? this.#logs.get(log.dataset) : undefined;
    return new SendingStore(this.store, log, own, this.#options.clock);
  }

  /** Record tables of an own dataset or of a copied one. Throws TB1605. */
  tables(dataset: string): RecordTables {
    const own = this.#intakes.get(dataset)?.tables;
    const copied = [...this.#copies.values()].find(({ tables }) => tables.dataset.name === dataset)?.tables;
    const tables = own ?? copied;
    if (!tables) throw this.#notWritten(dataset);
    return tables;
  }

  /** A caller's text is repeated only where it could be a dataset's name (I9). */
  #notWritten(dataset: string): Error {
    const named = /^[a-z][a-z0-9-]{0,30}$/.test(dataset) ? dataset : '?';
    return fault('TB1605', { dataset: named, datasets: this.ownDatasets.join(', ') });
  }

  /** Begins to keep the records of a received log beside it. */
  follow(log: LogName): RecordTables {
    const known = this.#copies.get(printLog(log));
    if (known) return known.tables;
    const tables = new RecordTables(this.#database, datasetOf(log.dataset));
    const effect = recordEffect(tables);
    const follower = new Follower('records', this.store, log, this.#database, effect, followEntriesMax);
    this.#copies.set(printLog(log), { follower, tables });
    return tables;
  }

  /** Brings the records of a received log up to date; returns how many entries that took. */
  catchUp(log: LogName): number {
    const copy = this.#copies.get(printLog(log));
    let taken = 0;
    for (let round = copy?.follower.once() ?? 0; round > 0; round = copy?.follower.once() ?? 0)
      taken += round;
    return taken;
  }

  /** Entries of a log that are in record tables, and how many could not be. */
  recorded(log: LogName): { readonly recorded: number; readonly quarantined: number } {
    if (this.isOwn(log)) return { recorded: this.store.find(log)?.size ?? 0, quarantined: 0 };
    const quarantined = this.#database
      .prepare<{ n: number }>('SELECT count(*) AS n FROM quarantine WHERE log = ?')
      .get(printLog(log));
    const recorded = this.#copies.get(printLog(log))?.follower.position ?? 0;
    return { recorded, quarantined: quarantined?.n ?? 0 };
  }

  /** Hashes one log of this file again, beside the running work. */
  inspect(log: LogName, key: OriginKey, progress: (size: number) => void): Promise<LogReport> {
    const { path, clock } = this.#options;
    return inspectLog({ path, databaseKey: this.#databaseKey, log, key }, clock, progress);
  }

  close(): void {
    this.#database.close();
    wipe(this.#databaseKey);
  }
}
