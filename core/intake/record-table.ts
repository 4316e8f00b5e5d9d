import { fault } from '../base/errors.ts';
import { type Dataset, type Entity, parseKey, printKey } from '../records/dataset.ts';
import type { Printed } from '../records/print-value.ts';
import { viewOf } from '../records/record-view.ts';
import { type Cell, createTableSql, deleteSql, tableRow, upsertSql, valuesOf } from '../records/table.ts';
import type { Database, Statement } from '../store/database.ts';

const extraColumns = ['entry_index INTEGER NOT NULL', 'content_hash BLOB'];
const extraNames = ['entry_index', 'content_hash'];

type Row = Readonly<Record<string, unknown>>;

/** A row as it stands: its version, the entry that last changed it, and its fields. */
export interface StoredRecord {
  readonly key: string;
  readonly ver: number;
  readonly index: number;
  readonly fields: Readonly<Record<string, Printed>>;
}

/** Values of the key fields, in order. */
export type KeyValues = readonly (string | number)[];

export interface Held {
  readonly ver: number;
  readonly index: number;
  readonly contentHash: Uint8Array | null;
}

/** The record table of one entity: one column for each field, the newest state of each key. */
export class RecordTable {
  readonly entity: Entity;
  readonly #upsert: Statement;
  readonly #delete: Statement;
  readonly #find: Statement<{ ver: number; entry_index: number; content_hash: Uint8Array | null }>;
  readonly #get: Statement<Row>;
  readonly #page: Statement<Row>;
  readonly #after: Statement<Row>;
  readonly #count: Statement<{ rows: number }>;

  constructor(database: Database, entity: Entity) {
    database.execute(createTableSql(entity, extraColumns));
    if (entity.inOrder) {
      const index = `${entity.table}_in_order ON ${entity.table} (entry_index)`;
      database.execute(`CREATE INDEX IF NOT EXISTS ${index}`);
    }
    this.entity = entity;
    const where = entity.key.map((name) => `${name} = ?`).join(' AND ');
    const marks = entity.key.map(() => '?').join(', ');
    const key = entity.key.join(', ');
    this.#upsert = database.prepare(upsertSql(entity, extraNames));
    this.#delete = database.prepare(deleteSql(entity));
    this.#find = database.prepare(
      `SELECT ver, entry_index, content_hash FROM ${entity.table} WHERE ${where}`,
    );
    this.#get = database.prepare(`SELECT * FROM ${entity.table} WHERE ${where}`);
    this.#page = database.prepare(
      `SELECT * FROM ${entity.table} WHERE (${key}) > (${marks}) ORDER BY ${key} LIMIT ?`,
    );
    this.#after = database.prepare(
      `SELECT * FROM ${entity.table} WHERE entry_index > ? ORDER BY entry_index LIMIT ?`,
    );
    this.#count = database.prepare(`SELECT count(*) AS rows FROM ${entity.table}`);
  }

  find(key: KeyValues): Held | undefined {
    const row = this.#find.get(...key);
    return row && { ver: row.ver, index: row.entry_index, contentHash: row.content_hash };
  }

  /**
   * `contentHash` where the owner compares; null at a receiver, who never does. False, and nothing stored,
   * for a body whose key is not `key`: the entry says one thing and its record another.
   */
  upsert(key: KeyValues, body: Uint8Array, index: number, contentHash: Uint8Array | null): boolean {
    const cells: (Cell | Uint8Array)[] = tableRow(this.entity, body);
    for (let i = 0; i < key.length; i += 1) if (cells[i] !== key[i]) return false;
    cells.push(index, contentHash);
    this.#upsert.run(...cells);
    return true;
  }

  delete(key: KeyValues): void {
    this.#delete.run(...key);
  }

  get(key: KeyValues, identity: 'masked' | 'shown'): StoredRecord | undefined {
    const row = this.#get.get(...key);
    return row && this.#view(row, identity);
  }

  /** Rows after `after` (key values; empty strings begin) in order of the key. */
  page(after: KeyValues, limit: number, identity: 'masked' | 'shown'): StoredRecord[] {
    const from = after.length > 0 ? after : this.entity.key.map(() => '');
    return this.#page.all(...from, limit).map((row) => this.#view(row, identity));
  }

  /** Rows that entries after `index` have changed, in the order of those entries. */
  changedAfter(index: number, limit: number): StoredRecord[] {
    return this.#after.all(index, limit).map((row) => this.#view(row, 'masked'));
  }

  count(): number {
    return this.#count.get()?.rows ?? 0;
  }

  #view(row: Row, identity: 'masked' | 'shown'): StoredRecord {
    const values = valuesOf(this.entity, row);
    const { ver, fields } = viewOf(this.entity, Number(row['ver']), values, identity);
    return { key: printKey(this.entity, values), ver, index: Number(row['entry_index']), fields };
  }
}

/** The tables of one dataset, by entity and by key. */
export class RecordTables {
  readonly dataset: Dataset;
  readonly #tables: ReadonlyMap<string, RecordTable>;

  constructor(database: Database, dataset: Dataset) {
    this.dataset = dataset;
    this.#tables = new Map(
      dataset.entities.map((entity) => [entity.name, new RecordTable(database, entity)]),
    );
  }

  of(entity: Entity): RecordTable {
    const table = this.#tables.get(entity.name);
    if (!table)
      throw fault('TB1506', { dataset: this.dataset.name, entities: [...this.#tables.keys()].join(', ') });
    return table;
  }

  /** The table and key values of an entry key. Throws TB1512. */
  at(key: string): { readonly table: RecordTable; readonly values: KeyValues } {
    const { entity, values } = parseKey(this.dataset, key);
    return { table: this.of(entity), values };
  }

  count(): number {
    let rows = 0;
    for (const table of this.#tables.values()) rows += table.count();
    return rows;
  }
}
