import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ed25519Signer, printVkey } from '../../core/log/keys.ts';
import { siteFolder } from '../../core/site/site-folder.ts';
import { Database } from '../../core/store/database.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { type CommandOutcome, tongbu } from '../support/command.ts';
import { TestConstellation } from '../support/constellation.ts';
import { countyRows, putRows } from '../support/rows.ts';
import { keysOf } from '../support/site-double.ts';
import { root } from '../support/tidy/sources.ts';

const log = '430121/enrollment';
const persons = 600;
/** Where Debian puts Go libraries. */
const gopath = '/usr/share/gocode';

let world: TestConstellation;
let province: DemoSite;

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: ['430121'] });
  province = world.all.province;
  const county = world.all.county('430121');
  for (const [dataset, rows] of Object.entries(countyRows('430121', persons))) {
    // In several calls: the log gets several segments.
    for (let from = 0; from < rows.length; from += 200) {
      const { logSize } = await putRows(county, dataset, rows.slice(from, from + 200));
      await world.arrived(province, `430121/${dataset}`, logSize);
    }
  }
}, 120_000);
afterAll(() => world?.close());

interface VerifyDocument {
  readonly logs: readonly {
    log: string;
    size: number;
    root: string;
    whole: boolean;
    badIndex: number | null;
  }[];
  readonly error?: { readonly code: string; readonly parameters: { log: string; index: number } };
}

async function verify(site: DemoSite): Promise<[number | undefined, VerifyDocument]> {
  const { dataDir, tier } = site.location;
  const program = tier === 'county' ? 'node' : 'hub';
  const { status, stdout } = await tongbu(program, 'verify', '--data', dataDir, '--json');
  return [status, JSON.parse(stdout) as VerifyDocument];
}

describe('verify', () => {
  test('finds every log whole and the same at county and province', async () => {
    const [[atCounty, county], [atProvince, hub]] = await Promise.all([
      verify(world.all.county('430121')),
      verify(province),
    ]);
    expect([atCounty, atProvince]).toEqual([0, 0]);
    for (const dataset of ['persons', 'enrollment', 'claims']) {
      const [ours, theirs] = [county, hub].map(({ logs }) =>
        logs.find((it) => it.log === `430121/${dataset}`),
      );
      expect(ours).toMatchObject({ whole: true, badIndex: null });
      expect(theirs).toEqual(ours);
      expect(ours?.size).toBeGreaterThanOrEqual(persons);
    }
  });

  test('names the log and the first entry that differs when somebody with the key edits one', async () => {
    const damaged = 450;
    await withDamage((path, key) => withLedger(path, key, (database) => editSegment(database, damaged)));
    const [status, { error, logs }] = await verify(province);
    expect(status).toBe(1);
    expect(error).toMatchObject({ code: 'TB1611', parameters: { log } });
    const bad = logs.find((it) => it.log === log);
    expect(bad?.whole).toBe(false);
    // Found to within the 256 entries of a stored subtree.
    expect(bad?.badIndex).toBeGreaterThan(damaged - 256);
    expect(bad?.badIndex).toBeLessThanOrEqual(600);
    expect(logs.filter(({ whole }) => !whole).map((it) => it.log)).toEqual([log]);
  });

  test('names the log and the index when one byte of the file is flipped', async () => {
    const unreadable = await withDamage(flipBit);
    const [status, { error, logs }] = await verify(province);
    expect(status).toBe(1);
    const damaged = logs.filter(({ whole }) => !whole);
    expect(Object.fromEntries(damaged.map((it) => [it.log, it.badIndex]))).toEqual(unreadable);
    const expected = { log: damaged[0]?.log, index: damaged[0]?.badIndex };
    expect(error).toMatchObject({ code: 'TB1611', parameters: expected });
    const human = await tongbu('hub', 'verify', '--data', province.location.dataDir);
    expect(human.status).toBe(1);
    expect(human.stderr).toContain(`TB1611 ${expected.log} is damaged from entry ${expected.index} on`);
  });

  test('finds all whole again when the good file is put back', async () => {
    await withDamage(() => undefined);
    expect((await verify(province))[0]).toBe(0);
  });
});

describe('a log that was exported from the hub', () => {
  test('is a genuine log of the county for Go, with its own transparency packages', {
    timeout: 240_000,
  }, async (context) => {
    if (spawnSync('go', ['version']).status !== 0) context.skip('no go; apt-get install golang-go');
    if (!existsSync(join(gopath, 'src/golang.org/x/mod/sumdb'))) context.skip('no golang-golang-x-mod-dev');
    const out = join(world.folder, 'export');
    const { dataDir } = province.location;
    const { status } = await tongbu('log', 'export', '--data', dataDir, '--log', log, '--out', out);
    expect(status).toBe(0);
    const proof = await prove(7, join(world.folder, 'oracle.tlog-proof'));
    const claims = {
      LogVkey: proof.vkey,
      Roots: [{ Size: persons, Root: Buffer.from(proof.root, 'hex').toString('base64') }],
      Inclusion: [{ Index: 7, Size: persons, Path: proof.hashes }],
      WantInclusion: [[7, persons]],
      Text: 'text\n',
      Name: 'go.example/oracle',
    };
    writeFileSync(join(out, 'claims.json'), JSON.stringify(claims));
    const program = join(root, 'test/core/log/oracle/main.go');
    const env = {
      ...process.env,
      GOPATH: gopath,
      GO111MODULE: 'off',
      GOFLAGS: '',
      GOCACHE: join(world.folder, 'go'),
    };
    const answer = JSON.parse(
      execFileSync('go', ['run', program, out], { env, encoding: 'utf8' }),
    ) as GoAnswer;
    expect(answer).toMatchObject({ Size: persons, Inclusion: [proof.hashes] });
  });
});

describe('the proof of one entry', () => {
  test('is checked with nothing but the proof, the entry and the public key; an edited one fails', async () => {
    const file = join(world.folder, 'one.tlog-proof');
    const { vkey } = await prove(123, file);
    const check = (...more: string[]) => tongbu('log', 'check', file, '--vkey', vkey, ...more);
    await province.stop();
    expect(await check()).toMatchObject({ status: 0 });

    const entry = readFileSync(`${file}.entry`);
    const edited = join(world.folder, 'edited.entry');
    entry[entry.length - 3] = (entry[entry.length - 3] ?? 0) ^ 1;
    writeFileSync(edited, entry);
    expectRefusal(await check('--entry', edited), 'TB1412');

    const [name = ''] = vkey.split('+');
    const other = printVkey(ed25519Signer(name, Buffer.alloc(32, 5)).verifier);
    expectRefusal(await tongbu('log', 'check', file, '--vkey', other), 'TB1406');

    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('index 123', 'index 122'));
    expectRefusal(await check(), 'TB1412');
    writeFileSync(file, text.replace(`\n${persons}\n`, `\n${persons + 1}\n`));
    expectRefusal(await check(), 'TB1407');
    writeFileSync(file, text.slice(0, -20));
    expect((await check()).status).toBe(1);
  });
});

function expectRefusal({ status, stderr }: CommandOutcome, code: string): void {
  expect(status).toBe(1);
  expect(stderr).toContain(code);
}

interface GoAnswer {
  readonly Size: number;
  readonly Inclusion: readonly (readonly string[])[];
}

/** `log proof` at the hub; the hashes are those of the file. */
async function prove(index: number, out: string): Promise<{ vkey: string; root: string; hashes: string[] }> {
  const { dataDir } = province.location;
  const args = ['--data', dataDir, '--log', log, '--index', String(index), '--out', out, '--json'];
  const { status, stdout } = await tongbu('log', 'proof', ...args);
  expect(status).toBe(0);
  const lines = readFileSync(out, 'utf8').split('\n\n')[0]?.split('\n') ?? [];
  const hashes = lines.filter((line) => /^[A-Za-z0-9+/]{43}=$/.test(line));
  return { ...(JSON.parse(stdout) as { vkey: string; root: string }), hashes };
}

function ledgerFile(): string {
  return join(siteFolder(province.location.dataDir).ledger, '430121.db');
}

/** Stops the province, lets `damage` work on the county's ledger, and starts it again. */
async function withDamage<T>(damage: (path: string, key: Uint8Array) => T): Promise<T> {
  await province.stop();
  const path = ledgerFile();
  const { database: key } = await keysOf(province);
  if (existsSync(`${path}.good`)) putBack();
  else {
    withLedger(path, key, (database) => database.execute('PRAGMA wal_checkpoint(TRUNCATE)'));
    copyFileSync(path, `${path}.good`);
  }
  const answer = damage(path, key);
  await world.revive(province);
  return answer;
}

function putBack(): void {
  const path = ledgerFile();
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  copyFileSync(`${path}.good`, path);
}

function withLedger<T>(path: string, key: Uint8Array, work: (database: Database) => T): T {
  const database = Database.open({ path, key, mode: 'open', durability: 'full' });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** Changes the end of the segment that holds an entry, as somebody could who has the key. */
function editSegment(database: Database, index: number): void {
  const row = database
    .prepare<{ id: number; entries: Buffer }>(
      `SELECT segment_id AS id, entries FROM segment JOIN log USING (log_id)
       WHERE dataset = 'enrollment' AND first <= ? AND "end" > ?`,
    )
    .get(index, index);
  if (!row) throw new Error('no segment');
  const entries = Buffer.from(row.entries);
  entries[entries.length - 1] = (entries[entries.length - 1] ?? 0) ^ 1;
  database.prepare('UPDATE segment SET entries = ? WHERE segment_id = ?').run(entries, row.id);
}

/**
 * Flips one bit in a page that holds nothing but entries; answers as what that must be found: by log, the
 * first entry that can't be read any more. Small segments share a page, so there may be several logs.
 */
function flipBit(path: string, key: Uint8Array): Readonly<Record<string, number>> {
  const page = withLedger(path, key, (database) =>
    database
      .prepare<{ offset: number }>(
        // Its column pgoffset is that of the leaf above.
        `SELECT (pageno - 1) * 4096 AS offset FROM dbstat
         WHERE name = 'segment' AND pagetype = 'overflow' LIMIT 1`,
      )
      .get(),
  );
  if (!page) throw new Error('a segment of several pages');
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, page.offset + 1_000);
  byte[0] = (byte[0] ?? 0) ^ 1;
  writeSync(file, byte, 0, 1, page.offset + 1_000);
  closeSync(file);
  return withLedger(path, key, segmentsThatFail);
}

function segmentsThatFail(database: Database): Readonly<Record<string, number>> {
  const read = database.prepare('SELECT entries FROM segment WHERE segment_id = ?');
  const rows = database
    .prepare<{ id: number; log: string; first: number }>(
      `SELECT segment_id AS id, origin || '/' || dataset AS log, first FROM segment JOIN log USING (log_id)`,
    )
    .all();
  const failing: Record<string, number> = {};
  for (const { id, log: name, first } of rows) {
    try {
      read.get(id);
    } catch {
      failing[name] = Math.min(first, failing[name] ?? first);
    }
  }
  if (Object.keys(failing).length === 0) throw new Error('the flipped bit is in no segment');
  return failing;
}
