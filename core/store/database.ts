import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3-multiple-ciphers';
import { Fault, fault } from '../base/errors.ts';
import { rawKeys, unlock } from './cipher.ts';

/** A transaction is a plain function: a promise would leave it open over an await. */
type Synchronous<T> = T extends PromiseLike<unknown> ? never : T;

export type Value = string | number | bigint | Uint8Array | null;

export type Statement<Row = unknown> = Sqlite.Statement<Value[], Row>;

export interface DatabaseOptions {
  readonly path: string;
  /**
   * 32 bytes; the caller goes on owning (and wiping) them. While keys are being changed several keys stand
   * one after another, the newest first: a file opens with the one that fits it, a new file gets the first.
   */
  readonly key: Uint8Array;
  /** 'create' refuses an existing file, 'open' a missing one, 'ensure' takes either. */
  readonly mode: 'create' | 'open' | 'ensure' | 'read';
  /**
   * 'full': a commit is on the disk when it returns (logs, positions). 'derived': what can be rebuilt from
   * a log; a power cut may lose the newest commits but never tears one.
   */
  readonly durability: 'full' | 'derived';
}

/** One encrypted SQLite file (aegis pages, raw key, WAL). The only class that knows the driver. */
export class Database {
  readonly path: string;
  readonly #sqlite: Sqlite.Database;

  private constructor(path: string, sqlite: Sqlite.Database) {
    this.path = path;
    this.#sqlite = sqlite;
  }

  static open(options: DatabaseOptions): Database {
    const { path, mode } = options;
    const keys = rawKeys(options.key);
    // A file of no bytes would open with any key, as a new one: it is as good as missing.
    const exists = existsSync(path) && statSync(path).size > 0;
    if (mode === 'create' && existsSync(path)) throw fault('TB1102', { path });
    if ((mode === 'open' || mode === 'read') && !exists) throw fault('TB1101', { path });
    // SQLite would make it readable to others; its WAL takes the rights of the file.
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
    let refused: unknown;
    for (const key of exists ? keys : keys.slice(0, 1)) {
      const sqlite = new Sqlite(path, { readonly: mode === 'read', timeout: 10_000 });
      try {
        unlock(sqlite, key);
        configure(sqlite, options);
        if (!exists) refusePlaintext(path);
        return new Database(path, sqlite);
      } catch (error) {
        sqlite.close();
        refused = translate(error, path);
        if (!(refused instanceof Fault) || refused.code !== 'TB1103') break;
      }
    }
    throw refused;
  }

  prepare<Row = unknown>(sql: string): Statement<Row> {
    return this.#sqlite.prepare<Value[], Row>(sql);
  }

  /** For schema scripts and pragmas without parameters. */
  execute(sql: string): void {
    this.#run(() => this.#sqlite.exec(sql));
  }

  /** All or nothing; with 'full' durability it is on the disk when this returns. */
  transaction<T>(work: () => Synchronous<T>): Synchronous<T> {
    return this.#run(() => this.#sqlite.transaction(work).immediate());
  }

  /** Several reads of one state. */
  snapshot<T>(work: () => Synchronous<T>): Synchronous<T> {
    return this.#run(() => this.#sqlite.transaction(work).deferred());
  }

  get version(): number {
    return this.#sqlite.pragma('user_version', { simple: true }) as number;
  }

  /** Bounds the file, in bytes; writing more ends with TB1105. For tests of a full disk. */
  limitBytes(bytes: number): void {
    const pageBytes = this.#sqlite.pragma('page_size', { simple: true }) as number;
    this.#sqlite.pragma(`max_page_count = ${Math.max(1, Math.floor(bytes / pageBytes))}`);
  }

  close(): void {
    this.#sqlite.close();
  }

  #run<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw translate(error, this.path);
    }
  }
}

function configure(sqlite: Sqlite.Database, options: DatabaseOptions): void {
  sqlite.pragma('temp_store = MEMORY');
  sqlite.pragma('foreign_keys = ON');
  sqlite.pragma('cache_size = -65536');
  if (options.mode === 'read') return;
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma(`synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'}`);
  // 16 MiB between two checkpoints of the WAL: fewer rewrites of hot pages under bulk load.
  sqlite.pragma('wal_autocheckpoint = 4096');
}

function refusePlaintext(path: string): void {
  const head = Buffer.alloc(15);
  const file = openSync(path, 'r');
  readSync(file, head, 0, head.length, 0);
  closeSync(file);
  if (head.toString('latin1') === 'SQLite format 3') throw fault('TB1110', { path });
}

/** SQLite's codes to ours; its messages name tables and columns, never values. */
export function translate(error: unknown, path: string): unknown {
  if (error instanceof Fault || !(error instanceof Sqlite.SqliteError)) return error;
  const code = error.code;
  if (code === 'SQLITE_NOTADB') return fault('TB1103', { path }, error);
  if (code.startsWith('SQLITE_CORRUPT')) return fault('TB1104', { path, reason: code }, error);
  if (code === 'SQLITE_FULL') return fault('TB1105', { path }, error);
  if (code.startsWith('SQLITE_BUSY')) return fault('TB1106', { path }, error);
  if (code.startsWith('SQLITE_IOERR') || code === 'SQLITE_READONLY') {
    return fault('TB1107', { path, reason: code }, error);
  }
  return error;
}
