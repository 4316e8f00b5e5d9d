import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { Database, type DatabaseOptions } from '../../../core/store/database.ts';
import { migrate } from '../../../core/store/migrate.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';
import { codeOf } from '../log/support.ts';

const key = Buffer.alloc(32, 5);
let folder: TemporaryFolder;
let path: string;
const opened: Database[] = [];

beforeEach(() => {
  folder = new TemporaryFolder();
  path = folder.file('site.db');
});
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
  folder.remove();
});

function open(mode: DatabaseOptions['mode'], options: Partial<DatabaseOptions> = {}): Database {
  const database = Database.open({ path, key, mode, durability: 'full', ...options });
  opened.push(database);
  return database;
}

function script(name: string, sql: string): URL {
  writeFileSync(folder.file(name), sql);
  return pathToFileURL(folder.file(name));
}

function closeAll(): void {
  for (const database of opened.splice(0)) database.close();
}

describe('opening', () => {
  test('creates only where nothing is, and opens only what is there', () => {
    expect(codeOf(() => open('open'))).toBe('TB1101');
    expect(codeOf(() => open('read'))).toBe('TB1101');
    open('create').execute('CREATE TABLE t (x) STRICT'.replace('(x)', '(x TEXT)'));
    expect(codeOf(() => open('create'))).toBe('TB1102');
    expect(open('ensure').prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 0 });
  });

  test('takes an emptied file for a missing one, not for a new database', () => {
    open('create').execute('CREATE TABLE t (x TEXT) STRICT');
    closeAll();
    truncateSync(path, 0);
    expect(codeOf(() => open('open'))).toBe('TB1101');
    expect(codeOf(() => open('create'))).toBe('TB1102');
  });

  test('with another key names the reason and changes no byte', () => {
    open('create').execute('CREATE TABLE t (x TEXT) STRICT');
    closeAll();
    const before = readFileSync(path);
    for (const mode of ['open', 'ensure', 'read'] as const) {
      expect(codeOf(() => open(mode, { key: Buffer.alloc(32, 6) }))).toBe('TB1103');
    }
    expect(readFileSync(path)).toEqual(before);
    expect(() => open('open', { key: Buffer.alloc(16) })).toThrow('32 bytes');
  });

  test('with a key that has not 32 bytes throws before there is a file (trap 28)', () => {
    for (const length of [0, 16, 31, 33, 63, 65]) {
      for (const mode of ['create', 'ensure', 'open', 'read'] as const) {
        expect(() => open(mode, { key: Buffer.alloc(length, 1) })).toThrow('32 bytes');
        expect(existsSync(path)).toBe(false);
      }
    }
  });

  test('refuses a file that another program wrote, in plain text', () => {
    writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4_096)]));
    expect(codeOf(() => open('open'))).toBe('TB1103');
    writeFileSync(path, 'not a database '.repeat(400));
    expect(codeOf(() => open('ensure'))).toBe('TB1103');
  });

  test('for reading writes nothing', () => {
    open('create').execute('CREATE TABLE t (x TEXT) STRICT');
    const reader = open('read');
    expect(codeOf(() => reader.execute('CREATE TABLE u (x TEXT)'))).toBe('TB1107');
  });
});

test('no page of a database, nor its write-ahead log, shows a header or a value', () => {
  const database = open('create');
  database.execute('CREATE TABLE person_table (x TEXT) STRICT');
  database.transaction(
    () => void database.prepare('INSERT INTO person_table VALUES (?)').run('a-telling-value'),
  );
  for (const name of ['site.db', 'site.db-wal']) {
    const bytes = readFileSync(folder.file(name)).toString('latin1');
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes).not.toContain('SQLite format 3');
    expect(bytes).not.toContain('person_table');
    expect(bytes).not.toContain('a-telling-value');
  }
});

test('a damaged page is named as damage', () => {
  const database = open('create');
  database.execute('CREATE TABLE t (x BLOB) STRICT');
  database.transaction(() => void database.prepare('INSERT INTO t VALUES (zeroblob(20000))').run());
  closeAll();
  const bytes = readFileSync(path);
  bytes.fill(0x55, 4_096 + 100, 4_096 + 300);
  writeFileSync(path, bytes);
  expect(() => open('open').transaction(() => void open('open').prepare('SELECT * FROM t').all())).toThrow();
});

describe('a transaction', () => {
  test('is whole or not at all', () => {
    const database = open('create');
    database.execute('CREATE TABLE t (x INTEGER) STRICT');
    const insert = database.prepare('INSERT INTO t VALUES (?)');
    const half = () =>
      database.transaction(() => {
        insert.run(1);
        throw new Error('half-way');
      });
    expect(half).toThrow('half-way');
    expect(database.transaction(() => insert.run(2).changes)).toBe(1);
    expect(database.prepare('SELECT x FROM t').all()).toEqual([{ x: 2 }]);
  });

  test('on a full disk is refused as one that may be tried again, and leaves the file as it was', () => {
    const database = open('create');
    database.execute('CREATE TABLE t (x BLOB) STRICT');
    database.limitBytes(1);
    const insert = () =>
      database.transaction(() => void database.prepare('INSERT INTO t VALUES (zeroblob(99999))').run());
    expect(codeOf(insert)).toBe('TB1105');
    try {
      insert();
    } catch (error) {
      expect(error).toMatchObject({ retry: true });
    }
    database.limitBytes(2 ** 40);
    insert();
    expect(database.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 1 });
  });

  test('of a reader sees one state, whatever is written meanwhile', () => {
    const writer = open('create');
    writer.execute('CREATE TABLE t (x INTEGER) STRICT');
    const reader = open('read');
    const count = reader.prepare<{ n: number }>('SELECT count(*) AS n FROM t');
    const seen = reader.snapshot(() => {
      const first = count.get()?.n;
      writer.transaction(() => void writer.prepare('INSERT INTO t VALUES (1)').run());
      return [first, count.get()?.n];
    });
    expect(seen).toEqual([0, 0]);
    expect(count.get()).toEqual({ n: 1 });
  });
});

describe('a schema', () => {
  test('is brought up to date step by step, once', () => {
    const one = script('1.sql', 'CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);');
    const two = script('2.sql', 'CREATE TABLE b (x INTEGER) STRICT; INSERT INTO b SELECT x FROM a;');
    const database = open('create');
    migrate(database, [one]);
    expect(database.version).toBe(1);
    for (let i = 0; i < 2; i += 1) migrate(database, [one, two]);
    expect(database.version).toBe(2);
    expect(database.prepare('SELECT x FROM b').all()).toEqual([{ x: 1 }]);
  });

  test('whose step fails stays at its old version, whole', () => {
    const one = script('1.sql', 'CREATE TABLE a (x INTEGER) STRICT;');
    const broken = script('2.sql', 'CREATE TABLE b (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1);');
    const database = open('create');
    migrate(database, [one]);
    expect(() => migrate(database, [one, broken])).toThrow();
    expect(database.version).toBe(1);
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()).toEqual([
      { name: 'a' },
    ]);
  });

  test('of a newer program is refused unchanged', () => {
    const one = script('1.sql', 'CREATE TABLE a (x INTEGER) STRICT;');
    const database = open('create');
    database.execute('PRAGMA user_version = 7');
    let thrown: unknown;
    try {
      migrate(database, [one]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Fault);
    expect(thrown).toMatchObject({ code: 'TB1108', parameters: { found: 7, known: 1 } });
    expect(database.version).toBe(7);
    expect(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()).toEqual({ n: 0 });
  });
});
