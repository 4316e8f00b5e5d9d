import { readdirSync } from 'node:fs';
import { contentDigest } from '../../core/store/content-digest.ts';
import { Database } from '../../core/store/database.ts';

export const oldKey = Buffer.alloc(32, 1);
export const newKey = Buffer.alloc(32, 2);

/** A file with every kind of table and value that ours have, and gaps in its row numbers. */
export function makeFile(path: string, rows: number): string {
  const database = Database.open({ path, key: oldKey, mode: 'create', durability: 'full' });
  database.execute(`
    CREATE TABLE entry (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB, real REAL) STRICT;
    CREATE TABLE setting (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
    CREATE TABLE numbered (x);
    CREATE INDEX entry_text ON entry (text);
    PRAGMA user_version = 3;`);
  database.transaction(() => {
    const entry = database.prepare('INSERT INTO entry (text, bytes, real) VALUES (?, ?, ?)');
    for (let i = 0; i < rows; i += 1) entry.run(`文字 ${i}`, Buffer.alloc(i % 300, i & 255), i / 3);
    const setting = database.prepare('INSERT INTO setting VALUES (?, ?)');
    for (const value of [null, 2n ** 62n, 0.5, 'text', Buffer.of(1, 2)]) setting.run(`s${value}`, value);
    for (let i = 0; i < 100; i += 1) database.prepare('INSERT INTO numbered VALUES (?)').run(i);
    database.prepare('DELETE FROM numbered WHERE x % 3 = 0').run();
  });
  const { digest } = contentDigest(database);
  database.close();
  return digest;
}

/** What the file holds, by the first of the keys that opens it. Throws when none does. */
export function contentOf(path: string, ...keys: readonly Buffer[]): string {
  const key = Buffer.concat(keys);
  const database = Database.open({ path, key, mode: 'open', durability: 'full' });
  try {
    return contentDigest(database).digest;
  } finally {
    database.close();
  }
}

/** Names in a folder that are more than the database itself. */
export function leftovers(folder: string): string[] {
  return readdirSync(folder).filter((name) => name !== 'site.db');
}
