import { readFileSync } from 'node:fs';
import { fault } from '../base/errors.ts';
import type { Database } from './database.ts';

/** Schema scripts in order; the file's version is how many of them have run. */
export type Migrations = readonly URL[];

/** Brings a file to the newest version in one transaction; a newer file is refused unchanged (TB1108). */
export function migrate(database: Database, migrations: Migrations): void {
  const found = database.version;
  if (found > migrations.length) {
    throw fault('TB1108', { path: database.path, found, known: migrations.length });
  }
  if (found === migrations.length) return;
  const scripts = migrations.slice(found).map((url) => readFileSync(url, 'utf8'));
  database.transaction(() => {
    for (const script of scripts) database.execute(script);
    database.execute(`PRAGMA user_version = ${migrations.length}`);
  });
}
