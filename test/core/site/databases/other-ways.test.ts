import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3-multiple-ciphers';
import { beforeAll, describe, expect, test } from 'vitest';
import { explain, Fault } from '../../../../core/base/errors.ts';
import { seededRandom } from '../../../../core/base/random.ts';
import { Seal } from '../../../../core/seal/seal.ts';
import { databaseFiles } from '../../../../core/site/databases/database-files.ts';
import { databaseKey } from '../../../../core/site/databases/database-key.ts';
import { Database } from '../../../../core/store/database.ts';
import { RotationSetting } from '../../../support/rotation-setting.ts';
import { TemporaryFolder } from '../../../support/temporary-folder.ts';
import { site, TestClock } from '../../seal/setting.ts';

/*
 * The only way to a database is the program, with the key out of the ring: to look into one, officers
 * approve a session (break-glass).
 */

let setting: RotationSetting;
let files: ReturnType<typeof databaseFiles>;

beforeAll(async () => {
  setting = await RotationSetting.make();
  files = databaseFiles(setting.folder);
  expect(files).toHaveLength(4);
});

const sqliteTool = spawnSync('sqlite3', ['--version']).status === 0;

describe('a database file', () => {
  test('opens with no plain driver, with no key and with no passphrase', () => {
    for (const { path } of files) {
      const attempts: ((sqlite: Sqlite.Database) => void)[] = [
        () => {},
        (sqlite) => void sqlite.pragma(`cipher = 'aegis'`),
        (sqlite) => void sqlite.key(Buffer.from('raw:')),
        (sqlite) => void sqlite.key(Buffer.from('tongbu')),
      ];
      for (const attempt of attempts) {
        const sqlite = new Sqlite(path, { readonly: true });
        attempt(sqlite);
        expect(() => sqlite.prepare('SELECT count(*) FROM sqlite_schema').get()).toThrow(/not a database/);
        sqlite.close();
      }
    }
  });

  test.skipIf(!sqliteTool)('is no database for the tool of SQLite', () => {
    for (const { path } of files) {
      const { status, stdout, stderr } = spawnSync('sqlite3', ['-readonly', path, 'SELECT * FROM entry'], {
        encoding: 'utf8',
      });
      expect(status).not.toBe(0);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/not a database/);
    }
  });

  test('with a wrong key is refused as such, with a hint at the approved way', () => {
    const wrong = [Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.alloc(64, 3)];
    for (const { path } of files) {
      for (const key of wrong) {
        for (const mode of ['open', 'read', 'ensure'] as const) {
          const error = thrownBy(() => Database.open({ path, key, mode, durability: 'full' }));
          expect(error).toMatchObject({ code: 'TB1103', parameters: { path } });
        }
      }
    }
    for (const language of ['en', 'zh'] as const) {
      expect(explain('TB1103', { path: 'x' }, language)[1]).toContain('`tongbu node db request`');
    }
  });
});

describe('a copied data folder', () => {
  const clock = new TestClock();
  const copyOfAll = (folder: TemporaryFolder) => {
    cpSync(join(setting.folder.folder, '..'), folder.path, { recursive: true });
    return Seal.open(folder.path, { site, clock, random: seededRandom(9) });
  };

  test('with its sealed state opens nothing without the threshold of shares (T4, T5)', () => {
    const folder = new TemporaryFolder();
    try {
      const seal = copyOfAll(folder);
      expect(thrownBy(() => databaseKey(seal.ring()))).toMatchObject({ code: 'TB1201' });
      const [one = '', two = ''] = setting.shares;
      seal.enterShare('chen', one);
      expect(thrownBy(() => seal.enterShare('chen', one))).toMatchObject({ code: 'TB1214' });
      expect(thrownBy(() => seal.enterShare('li', one))).toMatchObject({ code: 'TB1212' });
      expect(thrownBy(() => databaseKey(seal.ring()))).toMatchObject({ code: 'TB1201' });
      seal.enterShare('li', two);
      const key = databaseKey(seal.ring());
      const path = join(folder.path, 'data', 'hub.db');
      Database.open({ path, key, mode: 'read', durability: 'full' }).close();
    } finally {
      folder.remove();
    }
  });

  test('holds the key of its databases in no encoding', () => {
    const key = Buffer.from(databaseKey(setting.seal.ring()));
    const root = join(setting.folder.folder, '..');
    const forms = [
      key,
      ...(['hex', 'base64', 'base64url'] as const).map((form) => Buffer.from(key.toString(form))),
    ];
    const names = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(names.length).toBeGreaterThan(5);
    for (const { parentPath, name } of names) {
      const bytes = readFileSync(join(parentPath, name));
      expect(forms.filter((form) => bytes.includes(form))).toEqual([]);
    }
  });
});

function thrownBy(work: () => unknown): Fault | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  return undefined;
}
