import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3-multiple-ciphers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentDigest } from '../../../core/store/content-digest.ts';
import { Database } from '../../../core/store/database.ts';
import { rekeyFile } from '../../../core/store/rekey.ts';
import { contentOf, leftovers, makeFile, newKey, oldKey } from '../../support/rekey-setting.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';
import { codeOf } from '../log/support.ts';

let folder: TemporaryFolder;
let path: string;

beforeEach(() => {
  folder = TemporaryFolder.inMemory();
  path = folder.file('site.db');
});
afterEach(() => folder.remove());

const rekey = () => rekeyFile({ path, from: oldKey, to: newKey });

test('a file with another key holds every row under its number, and the old key opens it no more', () => {
  const before = makeFile(path, 3_000);
  const { mode } = statSync(path);
  expect(rekey()).toEqual({ tables: 3, rows: 3_071, digest: before });
  expect(contentOf(path, newKey)).toBe(before);
  expect(codeOf(() => contentOf(path, oldKey))).toBe('TB1103');
  expect(leftovers(folder.path)).toEqual([]);
  expect(statSync(path).mode).toBe(mode);
  expect(Database.open({ path, key: newKey, mode: 'read', durability: 'full' }).version).toBe(3);
});

test('what only the write-ahead log has is in the re-keyed file too (trap 12)', () => {
  makeFile(path, 10);
  const database = Database.open({ path, key: oldKey, mode: 'open', durability: 'full' });
  database.transaction(() => void database.prepare("INSERT INTO entry (text) VALUES ('late')").run());
  // The files as a killed process leaves them: the row is in the log alone.
  const copies = ['site.db', 'site.db-wal'].map((name) => readFileSync(folder.file(name)));
  const wanted = contentDigest(database).digest;
  database.close();
  for (const [i, name] of ['site.db', 'site.db-wal'].entries()) {
    writeFileSync(folder.file(name), copies[i] ?? '');
  }
  expect(rekey().digest).toBe(wanted);
  expect(contentOf(path, newKey)).toBe(wanted);
});

test('a key is never changed in WAL mode: not one byte while anybody has the file open (trap 12)', () => {
  const before = makeFile(path, 10);
  const reader = Database.open({ path, key: oldKey, mode: 'open', durability: 'full' });
  reader.prepare('SELECT count(*) FROM entry').get();
  const seen = reader.snapshot(() => {
    reader.prepare('SELECT count(*) FROM entry').get();
    return codeOf(rekey);
  });
  expect(seen).toBe('TB1106');
  expect(existsSync(`${path}.rekey`)).toBe(false);
  reader.close();
  expect(contentOf(path, oldKey)).toBe(before);
}, 30_000);

describe('a re-keyed copy', () => {
  test('shows no page of plain text at any step (traps 10 and 28)', () => {
    makeFile(path, 500);
    const seen: string[] = [];
    rekeyFile({
      path,
      from: oldKey,
      to: newKey,
      perform: (step, work) => {
        work();
        for (const suffix of ['', '.rekey', '-wal', '-journal', '.rekey-wal', '.rekey-journal']) {
          if (!existsSync(path + suffix)) continue;
          const bytes = readFileSync(path + suffix);
          const plain = ['SQLite format 3', 'CREATE TABLE', '文字'].some((text) => bytes.includes(text));
          seen.push(`${step} ${suffix} ${plain ? 'plain' : 'encrypted'}`);
        }
      },
    });
    expect(seen.filter((line) => line.startsWith('copy .rekey') || line.startsWith('rekey .rekey'))).toEqual([
      'copy .rekey encrypted',
      'rekey .rekey encrypted',
    ]);
    expect(seen.filter((line) => line.endsWith('plain'))).toEqual([]);
  });

  test('that is not what the file was never takes its place', () => {
    const before = makeFile(path, 50);
    const alter = () => {
      const copy = Database.open({ path: `${path}.rekey`, key: newKey, mode: 'open', durability: 'full' });
      copy.execute("UPDATE entry SET text = 'other' WHERE id = 17");
      copy.close();
    };
    const attempt = () =>
      rekeyFile({
        path,
        from: oldKey,
        to: newKey,
        perform: (step, work) => {
          work();
          if (step === 'rekey') alter();
        },
      });
    expect(codeOf(attempt)).toBe('TB1910');
    expect(contentOf(path, oldKey)).toBe(before);
    expect(rekey().digest).toBe(before);
  });
});

test('a key of another length is refused before a byte is written (trap 28)', () => {
  const before = makeFile(path, 5);
  for (const wrong of [Buffer.alloc(0), Buffer.alloc(31, 1), Buffer.alloc(33, 1), Buffer.alloc(64, 1)]) {
    expect(() => rekeyFile({ path, from: oldKey, to: wrong })).toThrow('32 bytes');
    expect(contentOf(path, oldKey)).toBe(before);
  }
  expect(codeOf(() => rekeyFile({ path, from: newKey, to: oldKey }))).toBe('TB1103');
  expect(codeOf(() => rekeyFile({ path: folder.file('none.db'), from: oldKey, to: newKey }))).toBe('TB1101');
  expect(contentOf(path, oldKey)).toBe(before);
});

test('a damaged file is named and stays as it was', () => {
  makeFile(path, 2_000);
  truncateSync(path, statSync(path).size - 40_000);
  const before = readFileSync(path);
  expect(codeOf(rekey)).toBe('TB1104');
  expect(readFileSync(path).length).toBe(before.length);
  expect(codeOf(() => contentOf(path, newKey))).toBe('TB1103');
});

test('a copy is made by VACUUM INTO, as the backup of the driver fails on encrypted files (trap 11)', async () => {
  const before = makeFile(path, 20);
  const sqlite = new Sqlite(path);
  sqlite.pragma(`cipher = 'aegis'`);
  sqlite.key(Buffer.from(`raw:${oldKey.toString('hex')}`));
  expect(sqlite.prepare('SELECT count(*) AS n FROM entry').get()).toEqual({ n: 20 });
  await expect(sqlite.backup(folder.file('backup.db'))).rejects.toThrow();
  sqlite.prepare('VACUUM INTO ?').run(folder.file('vacuum.db'));
  sqlite.close();
  expect(contentOf(folder.file('vacuum.db'), oldKey)).toBe(before);
});

describe('while keys are being changed', () => {
  test('a file opens with whichever of the keys fits it, and a new one gets the first', () => {
    const before = makeFile(path, 5);
    expect(contentOf(path, newKey, oldKey)).toBe(before);
    rekey();
    expect(contentOf(path, newKey, oldKey)).toBe(before);
    const other = folder.file('new.db');
    const key = Buffer.concat([newKey, oldKey]);
    Database.open({ path: other, key, mode: 'create', durability: 'full' }).close();
    expect(contentOf(other, newKey)).toHaveLength(64);
    expect(codeOf(() => contentOf(other, oldKey))).toBe('TB1103');
  });

  test('a key that does not fit harms neither the file nor a write-ahead log that a crash left', () => {
    makeFile(path, 5);
    const database = Database.open({ path, key: oldKey, mode: 'open', durability: 'full' });
    database.execute("INSERT INTO entry (text) VALUES ('late')");
    const copies = ['site.db', 'site.db-wal'].map((name) => readFileSync(folder.file(name)));
    const wanted = contentDigest(database).digest;
    database.close();
    for (const [i, name] of ['site.db', 'site.db-wal'].entries()) {
      writeFileSync(folder.file(name), copies[i] ?? '');
    }
    expect(codeOf(() => contentOf(path, newKey, Buffer.alloc(32, 7)))).toBe('TB1103');
    expect(readFileSync(`${path}-wal`)).toEqual(copies[1]);
    expect(contentOf(path, newKey, oldKey)).toBe(wanted);
  });
});
