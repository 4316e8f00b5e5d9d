import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toBase64 } from '../../core/base/bytes.ts';
import { decompress } from '../../core/log/compression.ts';
import { siteFolder } from '../../core/site/site-folder.ts';
import { readIdentity } from '../../core/site/trust/identity-folder.ts';
import { Database } from '../../core/store/database.ts';
import { faultOf } from '../../core/wire/status.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import {
  canaries,
  canaryIdNumber,
  canaryPersons,
  csv,
  csvGb18030,
  wrongPersons,
} from '../support/canary-rows.ts';
import { CanaryScan } from '../support/canary-scan.ts';
import { RunningCommand } from '../support/command.ts';
import { TestConstellation } from '../support/constellation.ts';
import { encodeGb18030 } from '../support/gb18030.ts';
import { Pki } from '../support/pki.ts';
import { countyRows, putRows } from '../support/rows.ts';
import { clientOf, keysOf } from '../support/site-double.ts';

const scan = new CanaryScan(Object.values(canaries));
/** Everything that any command printed and any call answered, by what it was. */
const transcript: [what: string, text: string][] = [];
/** The only files in which a person may stand: what the clerk brings, and what the clerk gets back. */
const exempt = new Set<string>();

let world: TestConstellation;
let county: DemoSite;
let province: DemoSite;
let database: Buffer;

beforeAll(async () => {
  world = await TestConstellation.start({ nation: true, counties: ['430121'] });
  county = world.all.county('430121');
  province = world.all.province;
  mkdirSync(join(world.folder, 'input'));
  process.env['TMPDIR'] = join(world.folder, 'tmp');
  mkdirSync(process.env['TMPDIR']);
  await loadAndLook();
  await loadWrongly();
  await callWrongly();
  await dieInTheMiddle();
  ({ database } = await keysOf(province));
}, 240_000);
afterAll(async () => {
  delete process.env['TMPDIR'];
  await world?.close();
});

async function run(...args: string[]): Promise<number | undefined> {
  const { status, stdout, stderr } = await new RunningCommand(args, { TONGBU_DEBUG: '1' }).outcome();
  const what = args.map((arg) => basename(arg)).join(' ');
  transcript.push([what, stdout], [`${what} (standard error)`, stderr]);
  return status;
}

/** A file that a clerk brings; refused rows come back beside it. */
function input(name: string, content: string | Buffer): string {
  const path = join(world.folder, 'input', name);
  writeFileSync(path, content);
  exempt.add(path).add(`${path}.rejects.csv`);
  return path;
}

function load(file: string, dataset: string, ...more: string[]): Promise<number | undefined> {
  const rejects = ['--rejects', `${file}.rejects.csv`];
  return run(
    'node',
    'load',
    file,
    '--dataset',
    dataset,
    '--data',
    county.location.dataDir,
    ...rejects,
    ...more,
  );
}

async function loadAndLook(): Promise<void> {
  const { dataDir } = county.location;
  expect(await load(input('persons.csv', csv(canaryPersons('430121', 40, 0))), 'persons')).toBe(0);
  const legacy = input('legacy.csv', csvGb18030(canaryPersons('430121', 40, 40)));
  expect(await load(legacy, 'persons', '--encoding', 'gb18030', '--json')).toBe(0);
  const { enrollment = [] } = countyRows('430121', 40);
  await putRows(county, 'enrollment', enrollment);
  await world.arrived(province, '430121/persons', 80);
  const above = province.location.dataDir;
  const out = join(world.folder, 'export');
  const commands: readonly string[][] = [
    ['node', 'list', 'persons', '--data', dataDir],
    ['node', 'list', 'persons', '--data', dataDir, '--json'],
    ['node', 'status', '--data', dataDir, '--json'],
    ['hub', 'status', '--data', above],
    ['node', 'verify', '--data', dataDir],
    ['hub', 'verify', '--data', above, '--json'],
    ['hub', 'sites', '--data', above],
    ['log', 'export', '--data', above, '--log', '430121/enrollment', '--out', out],
  ];
  expect(await Promise.all(commands.map((words) => run(...words)))).toEqual(commands.map(() => 0));
}

async function loadWrongly(): Promise<void> {
  const rows = wrongPersons('430121');
  const few = canaryPersons('430121', 3, 80);
  const ndjson = rows.map((row) => JSON.stringify(row)).join('\n');
  const { enrollment = [] } = countyRows('430121', 45);
  const misplaced = { certno: canaryIdNumber(3), psn_name: canaries.name };
  const unquoted = ndjson.replaceAll(/"psn_name":"/g, '"psn_name":');
  const unclosed = csv(rows.slice(0, 3)).replace(canaries.name, `"${canaries.name}`);
  const people: readonly (readonly [file: string, content: string | Buffer, ...options: string[]])[] = [
    ['wrong.csv', csv(rows.slice(0, 10)), '--json'],
    ['torn.ndjson', unquoted],
    ['torn.csv', unclosed],
    ['no-header.csv', csv(few, { header: false })],
    ['other-encoding.csv', csvGb18030(few)],
    ['other-encoding-too.csv', csv(few), '--encoding', 'gb18030'],
  ];
  expect(await load(input('wrong.ndjson', ndjson), 'persons')).toBe(4);
  const catalog = input('catalog.csv', csv(rows.slice(0, 3)));
  const ends = await Promise.all([
    ...people.map(([file, content, ...options]) => load(input(file, content), 'persons', ...options)),
    load(input('other-dataset.csv', csv(few)), 'claims', '--entity', 'claim'),
    load(
      input('misplaced.csv', csv(enrollment.slice(40).map((row) => ({ ...row, ...misplaced })))),
      'enrollment',
    ),
    run('hub', 'publish', 'catalog', catalog, '--data', province.location.dataDir),
  ]);
  expect(ends).not.toContain(0);
}

/** Calls that are refused, with canaries wherever a caller can put a text. */
async function callWrongly(): Promise<void> {
  const { dataDir } = county.location;
  const operator = await readIdentity(join(dataDir, 'people', 'operator-demo'));
  const officer = await readIdentity(join(dataDir, 'people', 'officer-zhao'));
  const other = (await (await Pki.create('hunan.example')).identity('430121', 'operator/demo')).material;
  const wrong = { ...other, roots: operator.roots, lists: operator.lists };
  const rows = Buffer.from(JSON.stringify(wrongPersons('430121')[0]));
  const key = `person/${canaryIdNumber(1)}`;
  const calls: readonly (readonly [string, string, string, object])[] = [
    [
      'node',
      'Intake',
      'put',
      { messageId: canaries.name, rows: { dataset: 'persons', entity: '', rows, firstRow: 1 } },
    ],
    ['node', 'Intake', 'put', { messageId: '', rows: { dataset: canaries.name, rows } }],
    ['node', 'Intake', 'put', { messageId: '', rows: { dataset: 'persons', entity: canaries.name, rows } }],
    [
      'node',
      'Intake',
      'put',
      { messageId: '', rows: { dataset: 'persons', rows: encodeGb18030(canaries.name) } },
    ],
    ['node', 'Intake', 'get', { dataset: 'persons', key }],
    ['node', 'Intake', 'get', { dataset: 'persons', key: canaries.name }],
    ['node', 'Intake', 'list', { dataset: 'persons', entity: 'person', pageToken: key }],
    ['site', 'Site', 'prove', { log: '430121/persons', key }],
    ['site', 'Site', 'prove', { log: canaries.name, index: 0 }],
    ['seal', 'Seal', 'enterShare', { share: canaries.name, ceremonyId: canaries.name }],
  ];
  for (const material of [operator, officer, wrong]) {
    const client = clientOf(county, material);
    for (const [file, service, method, request] of calls) {
      const answer = await client
        .unary<object>(file, service, method, request)
        .catch((error: unknown) => faultOf(error));
      const { messageId: _own, ...rest } = answer as { messageId?: string };
      const text =
        answer instanceof Error ? `${answer.message} ${JSON.stringify(answer)}` : JSON.stringify(rest);
      transcript.push([`${service}.${method}`, text]);
    }
    client.close();
  }
  await run('node', 'list', 'persons', '--data', dataDir, '--limit', canaries.phone);
}

/** One process after another dies while persons are loaded, and at the end all of them at once. */
async function dieInTheMiddle(): Promise<void> {
  const victims = [county, province];
  for (const [i, victim] of victims.entries()) {
    const file = input(`more-${i}.csv`, csv(canaryPersons('430121', 60, 100 + 60 * i)));
    const { size = 0 } = (await world.look(county, '430121/persons')) ?? {};
    const loading = load(file, 'persons');
    await world.arrived(county, '430121/persons', size + 1);
    await victim.kill();
    await loading;
    await world.revive(victim);
    await load(file, 'persons');
  }
  await world.arrived(province, '430121/persons', 200);
  const { size = 0 } = (await world.look(county, '430121/persons')) ?? {};
  const last = load(input('last.csv', csv(canaryPersons('430121', 60, 220))), 'persons');
  await world.arrived(county, '430121/persons', size + 1);
  // Nothing is tidied up: what a power cut leaves is what a thief finds.
  await Promise.all(world.all.sites.map((site) => site.kill()));
  await last;
}

describe('the control', () => {
  test('a planted canary is found in every form, at every place', () => {
    for (const text of Object.values(canaries)) {
      const noise = (bytes: Buffer) =>
        Buffer.concat([Buffer.alloc(1_001, 0xe9), bytes, Buffer.alloc(77, 0x9f)]);
      const utf16 = Buffer.from(text, 'utf16le');
      for (const bytes of [Buffer.from(text), utf16, Buffer.from(utf16).swap16(), encodeGb18030(text)]) {
        const hex = bytes.toString('hex');
        const base64 = [0, 1, 2].map((shift) =>
          toBase64(Buffer.concat([Buffer.alloc(shift, 0x5a), bytes, bytes])),
        );
        const forms = [bytes, ...[hex, hex.toUpperCase(), ...base64].map((form) => Buffer.from(form))];
        for (const form of forms) expect(scan.find(noise(form)).length).toBeGreaterThan(0);
      }
      const escaped = [...text].map((it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
      expect(scan.find(noise(Buffer.from(escaped)))).toHaveLength(1);
    }
    expect(scan.find(Buffer.from('样例甲 990101199001010019 10012345678'))).toEqual([]);
  });

  test('the canaries did go all the way: they stand in what the clerk brought, and in the opened ledger', () => {
    for (const path of exempt) {
      if (path.endsWith('persons.csv')) expect(scan.find(readFileSync(path)).length).toBeGreaterThan(4);
    }
    const path = join(siteFolder(province.location.dataDir).ledger, '430121.db');
    const opened = Database.open({ path, key: database, mode: 'open', durability: 'full' });
    const segments = opened
      .prepare<{ compression: 'zstd' | 'none'; entries: Buffer }>(
        `SELECT compression, entries FROM segment JOIN log USING (log_id) WHERE dataset = 'persons'`,
      )
      .all();
    opened.close();
    const entries = segments.map(({ compression, entries: bytes }) =>
      decompress(compression, bytes, 16 * 1024 * 1024),
    );
    expect(scan.find(Buffer.concat(entries))).toEqual(expect.arrayContaining([`UTF-8 of ${canaries.name}`]));
  });

  test('what commands show of a person is masked, so they did show the canaries', () => {
    const [, list = ''] = transcript.find(([what]) => what.startsWith('node list persons')) ?? [];
    expect(list).toContain(canaries.name.charAt(0));
    expect(transcript.length).toBeGreaterThan(50);
  });
});

test('no command and no answer shows a name, an ID number, a phone, an address or a card', () => {
  const found = transcript.flatMap(([what, text]) =>
    scan.find(Buffer.from(text)).map((form) => `${what}: ${form}`),
  );
  expect(found).toEqual([]);
});

test('no file of any site, no program log and no temporary file holds one in any encoding', () => {
  const { found, files } = scan.findInFolder(world.folder, exempt);
  expect(found).toEqual([]);
  const names = files.map((path) => basename(path));
  expect(names).toEqual(
    expect.arrayContaining(['site.db', 'site.db-wal', 'hub.db', '430121.db', '430121.log', '430000.log']),
  );
});

const tools = ['strings', 'sqlite3'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
const reason = tools.length > 0 ? ` (skipped: no ${tools.join(', ')} on this machine)` : '';

test.skipIf(tools.length > 0)(
  `strings and sqlite3 see no database and no text in any data file${reason}`,
  () => {
    const { files } = scan.findInFolder(join(world.folder, 'sites'));
    const databases = files.filter((path) => path.endsWith('.db'));
    expect(databases.length).toBeGreaterThanOrEqual(7);
    const copy = join(world.folder, 'copy.db');
    for (const path of databases) {
      copyFileSync(path, copy);
      const { stdout, stderr, status } = spawnSync('sqlite3', [copy, '.dump'], { encoding: 'utf8' });
      expect([path, status !== 0 || !stdout.includes('CREATE')]).toEqual([path, true]);
      expect(stdout + stderr).toContain('file is not a database');
    }
    for (const path of files.filter((file) => /\.db(-wal)?$/.test(file))) {
      for (const encoding of ['S', 'b', 'l']) {
        const options = { maxBuffer: 1 << 28 };
        const { stdout } = spawnSync('strings', ['-a', '-n', '6', '-e', encoding, path], options);
        expect(scan.find(stdout)).toEqual([]);
        expect(stdout.includes('CREATE TABLE')).toBe(false);
      }
    }
  },
);
