import { createHash, type Hash } from 'node:crypto';
import type { Database, Value } from './database.ts';

/** Everything that a database file holds, as figures to compare two copies by. */
export interface ContentDigest {
  readonly tables: number;
  readonly rows: number;
  /** SHA-256, hex, over schema, versions and every value of every row. */
  readonly digest: string;
}

/** Collected before the hash is called: a call for each value would cost more than hashing it. */
const chunkBytes = 256 * 1024;

/**
 * Reads the whole file once, row by row: memory stays the same for a file of any size. Two files with the
 * same digest have the same schema, the same rows under the same row numbers, and the same versions.
 */
export function contentDigest(database: Database): ContentDigest {
  const sink = new Sink(createHash('sha256'));
  for (const pragma of ['user_version', 'application_id']) {
    sink.value(database.prepare<Record<string, number>>(`PRAGMA ${pragma}`).get()?.[pragma] ?? 0);
  }
  const schema = database
    .prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name')
    .raw();
  for (const row of schema.iterate()) sink.row(row as Value[]);
  let rows = 0;
  const tables = tablesOf(database);
  for (const table of tables) {
    sink.value(table.name);
    const before = rows;
    for (const row of rowsOf(database, table)) {
      sink.row(row);
      rows += 1;
    }
    sink.value(rows - before);
  }
  return { tables: tables.length, rows, digest: sink.end() };
}

interface Table {
  readonly name: string;
  /** 1 for a table without row numbers. */
  readonly wr: number;
}

function tablesOf(database: Database): Table[] {
  return database
    .prepare<Table>(
      `SELECT name, wr FROM pragma_table_list
       WHERE schema = 'main' AND type IN ('table', 'shadow') AND name <> 'sqlite_schema' ORDER BY name`,
    )
    .all();
}

/** In the order in which they are stored, which is that of the row number or of the primary key. */
function rowsOf(database: Database, { name, wr }: Table): IterableIterator<Value[]> {
  const columns = wr === 1 ? '*' : 'rowid, *';
  const statement = database.prepare(`SELECT ${columns} FROM "${name.replaceAll('"', '""')}" NOT INDEXED`);
  return statement.raw().safeIntegers().iterate() as IterableIterator<Value[]>;
}

/** Values in a form that has one reading: kind, length where it varies, content. */
class Sink {
  readonly #hash: Hash;
  readonly #chunk = Buffer.allocUnsafe(chunkBytes);
  #used = 0;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  row(values: readonly Value[]): void {
    this.#head('(', values.length);
    for (const value of values) this.value(value);
  }

  value(value: Value): void {
    if (value === null) return this.#head('n', 0);
    if (typeof value === 'bigint') {
      this.#head('i', 8);
      this.#used = this.#chunk.writeBigInt64LE(value, this.#used);
    } else if (typeof value === 'number') {
      this.#head('f', 8);
      this.#used = this.#chunk.writeDoubleLE(value, this.#used);
    } else if (typeof value === 'string') this.#bytes('t', Buffer.from(value, 'utf8'));
    else this.#bytes('b', value);
  }

  end(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  /** Leaves room for the eight bytes of a number behind it. */
  #head(kind: string, length: number): void {
    if (this.#used + 13 > chunkBytes) this.#flush();
    this.#used = this.#chunk.writeUInt8(kind.charCodeAt(0), this.#used);
    this.#used = this.#chunk.writeUInt32LE(length, this.#used);
  }

  #bytes(kind: string, bytes: Uint8Array): void {
    this.#head(kind, bytes.length);
    if (this.#used + bytes.length > chunkBytes) this.#flush();
    if (bytes.length > chunkBytes) {
      this.#hash.update(bytes);
      return;
    }
    this.#chunk.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #flush(): void {
    this.#hash.update(this.#chunk.subarray(0, this.#used));
    this.#used = 0;
  }
}
