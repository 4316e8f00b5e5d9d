import { join } from 'node:path';
import Sqlite from 'better-sqlite3-multiple-ciphers';
import { fault } from '../base/errors.ts';

/**
 * One process for a data folder. The lock is SQLite's own file lock on an empty file, so the operating
 * system lets go of it when the process dies, by SIGKILL too.
 */
export class FolderLock {
  /** Referred to from here, or the collector would let go of a lock that its owner only means to keep. */
  static readonly #held = new Set<FolderLock>();
  readonly #sqlite: Sqlite.Database;

  private constructor(sqlite: Sqlite.Database) {
    this.#sqlite = sqlite;
  }

  /** Throws TB1109 while another process holds the folder. */
  static take(folder: string): FolderLock {
    const sqlite = new Sqlite(join(folder, 'lock'), { timeout: 0 });
    try {
      sqlite.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      sqlite.close();
      if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
        throw fault('TB1109', { path: folder }, error);
      }
      throw error;
    }
    const lock = new FolderLock(sqlite);
    FolderLock.#held.add(lock);
    return lock;
  }

  release(): void {
    FolderLock.#held.delete(this);
    this.#sqlite.close();
  }
}
