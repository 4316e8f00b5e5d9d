import type { StoredServer } from '../../servers/server.ts';
import type { ServerTable } from '../../servers/servers.ts';
import type { Database } from '../../store/database.ts';

interface ServerRow extends Omit<StoredServer, 'rotateDays' | 'rotatedMs'> {
  readonly rotate_days: number;
  readonly rotated_ms: number;
}

/** The site's list of database servers, in its own encrypted file. */
export class ServerRows implements ServerTable {
  static readonly schema = new URL('./servers.sql', import.meta.url);
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  all(): StoredServer[] {
    const rows = this.#database.prepare<ServerRow>('SELECT * FROM server ORDER BY name').all();
    return rows.map(({ rotate_days: rotateDays, rotated_ms: rotatedMs, ...row }) => ({
      ...row,
      rotateDays,
      rotatedMs,
    }));
  }

  put({ name, host, port, database, role, ca, rotateDays, state, rotatedMs, failure }: StoredServer): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO server (name, host, port, database, role, ca, rotate_days, state, rotated_ms,
           failure) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(name, host, port, database, role, ca, rotateDays, state, rotatedMs, failure);
  }

  remove(name: string): void {
    this.#database.prepare('DELETE FROM server WHERE name = ?').run(name);
  }
}
