import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseFiles } from '../../core/site/databases/database-files.ts';
import { siteFolder } from '../../core/site/site-folder.ts';
import { Database } from '../../core/store/database.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { RunningCommand } from '../support/command.ts';
import { TestConstellation } from '../support/constellation.ts';
import { refusal, tongbuJson } from '../support/json-command.ts';
import { parentOf, processesNaming } from '../support/processes.ts';
import { catalogRows, countyRows, putRows } from '../support/rows.ts';
import { keysOf } from '../support/site-double.ts';
import { until } from '../support/until.ts';

/*
 * A province and a county as real processes, and the people who serve them at their own command lines: the
 * approved look into a database, and another key for all databases.
 */

let world: TestConstellation;
let hub: DemoSite;
let county: DemoSite;
const endless = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: ['430121'] });
  hub = world.all.province;
  county = world.all.county('430121');
  await putRows(hub, 'catalog', catalogRows(20));
  await load(0, 50);
}, 180_000);
afterAll(async () => {
  await world?.close();
});

const enrollments = countyRows('430121', 140)['enrollment'] ?? [];

async function load(from: number, end: number): Promise<void> {
  await putRows(county, 'enrollment', enrollments.slice(from, end));
  await world.arrived(hub, '430121/enrollment', end);
}

function as({ location }: DemoSite, person: string): string[] {
  return ['--data', location.dataDir, '--as', join(location.dataDir, 'people', person)];
}

async function approve(site: DemoSite, id: string, ...officers: readonly string[]): Promise<void> {
  for (const officer of officers) {
    const { status, stderr } = await tongbuJson(['seal', 'approve', id, ...as(site, `officer-${officer}`)]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  }
}

interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Asks, lets two officers approve, runs the statements and closes. */
async function look(site: DemoSite, file: string, sql: string): Promise<readonly Result[]> {
  const group = site === county ? 'node' : 'hub';
  const order = ['--reason', 'what does audit say', '--file', file];
  const asked = await tongbuJson<{ id: string }>([
    group,
    'db',
    'request',
    ...as(site, 'operator-demo'),
    ...order,
  ]);
  await approve(site, asked.document.id, 'zhao', 'qian');
  const open = [group, 'db', 'open', asked.document.id, ...as(site, 'operator-demo')];
  const { status, document } = await tongbuJson<{ results: readonly Result[] }>(open, sql);
  expect(status).toBe(0);
  return document.results;
}

const acts = (kind: string) =>
  `SELECT act_step, result, actor FROM audit_act WHERE act_kind = '${kind}' ORDER BY act_time, act_no`;

test('request, two approvals, a query, the end of the time: all of it is in audit', async () => {
  const order = ['--reason', 'a catalog row is missing', '--minutes', '1', '--file', 'hub'];
  const operator = as(hub, 'operator-demo');
  const asked = await tongbuJson<{ id: string; required: number }>([
    'hub',
    'db',
    'request',
    ...operator,
    ...order,
  ]);
  expect(asked.document).toMatchObject({ required: 2, file: 'hub', minutes: 1 });
  const { id } = asked.document;
  const open = ['hub', 'db', 'open', id];
  await approve(hub, id, 'zhao');
  expect(await refusal([...open, ...operator])).toEqual(['TB1904', 1]);
  await approve(hub, id, 'sun');
  expect(await refusal([...open, ...as(hub, 'officer-zhao')])).toEqual(['TB1911', 1]);

  const first = await tongbuJson<{ results: readonly Result[] }>(
    [...open, ...operator, '--keep'],
    "SELECT count(*) AS n FROM hilist_drug; SELECT 'x;y' AS t;",
  );
  expect(first.status).toBe(0);
  expect(first.document.results.map(({ rows }) => rows)).toEqual([[[20]], [['x;y']]]);
  const refused = await refusal([...open, ...operator, '--keep'], 'DELETE FROM hilist_drug');
  expect(refused).toEqual(['TB1914', 2]);
  const csv = await new RunningCommand(
    [...open, ...operator, '--keep', '--format', 'csv'],
    {},
    'SELECT 1 AS "a,b", NULL AS n',
  ).outcome();
  expect(csv.stdout).toBe('"a,b",n\n1,\n');

  const sessions = () =>
    tongbuJson<{ sessions: readonly { id: string }[] }>(['hub', 'db', 'sessions', ...operator]);
  expect((await sessions()).document.sessions).toMatchObject([{ id, file: 'hub', statements: 4 }]);
  // The minute ends while a statement runs that would never end by itself.
  const running = refusal([...open, ...operator, '--keep'], endless);
  await until('the session is over', async () => (await sessions()).document.sessions.length === 0, 90);
  expect(['TB1917', 'TB1922']).toContain((await running)[0]);
  expect(await refusal([...open, ...operator], 'SELECT 1')).toEqual(['TB1901', 1]);
  expect(await refusal(['hub', 'db', 'close', id, ...operator])).toEqual(['TB1912', 1]);

  const [audit] = await look(hub, 'hub', acts('break-glass'));
  const steps = audit?.rows.map(([step, result, actor]) => `${step} ${result} ${actor}`) ?? [];
  const by = 'operator/demo@430000';
  expect(steps.slice(0, 6)).toEqual([
    `open-refused TB1904 ${by}`,
    'open-refused TB1911 officer/zhao@430000',
    `opened ok ${by}`,
    `statement ok ${by}`,
    `result ok ${by}`,
    `statement ok ${by}`,
  ]);
  expect(steps).toContain(`result TB1914 ${by}`);
  expect(steps).toContain(`closed expired ${by}`);
  const voices = `SELECT act_step, result, actor FROM audit_act
    WHERE act_kind = 'approval' AND instr(subject, '${id}') > 0 ORDER BY act_time, act_no`;
  const [approvals] = await look(hub, 'hub', voices);
  expect(approvals?.rows.map(([step, , actor]) => `${step} ${actor}`)).toEqual([
    `requested ${by}`,
    'approved officer/zhao@430000',
    'approved officer/sun@430000',
  ]);
}, 240_000);

test('the files of other origins can be looked into, and a session dies with its site', async () => {
  const [ledger] = await look(hub, 'ledger/430121', "SELECT size FROM log WHERE dataset = 'enrollment'");
  expect(ledger?.rows).toEqual([[50]]);
  const operator = as(county, 'operator-demo');
  const order = ['--reason', 'a session that is cut off'];
  const asked = await tongbuJson<{ id: string }>(['node', 'db', 'request', ...operator, ...order]);
  await approve(county, asked.document.id, 'qian', 'sun');
  const running = refusal(['node', 'db', 'open', asked.document.id, ...operator], endless);
  const { pid } = county;
  const children = () => processesNaming('query-child').filter((child) => parentOf(child) === pid);
  const [child] = await until('the process of the session runs', () => {
    const found = children();
    return found.length === 1 ? found : undefined;
  });
  await county.kill();
  await running;
  // It has no parent any more by which it could be found: it must be gone itself.
  await until(
    'the process of the session is gone',
    () => !processesNaming('query-child').includes(child ?? 0),
  );
  await world.revive(county);
  expect(await refusal(['node', 'db', 'open', asked.document.id, ...operator])).toEqual(['TB1901', 1]);
}, 120_000);

test('all databases get another key while the site lives, and the old key opens none of them', async () => {
  for (const site of [hub, county]) {
    const rotating = tongbuJson<{ state: string; files: number; done: number }>([
      'seal',
      'rotate-keys',
      ...as(site, 'operator-demo'),
      '--reason',
      'an officer has left',
      '--wait',
    ]);
    const requests = ['seal', 'requests', ...as(site, 'operator-demo')];
    const id = await until('the request waits', async () => {
      const { document } = await tongbuJson<{ requests: readonly { id: string; kind: string }[] }>(requests);
      return document.requests.find(({ kind }) => kind === 'rotate-data-keys')?.id;
    });
    await approve(site, id, 'zhao');
    const { status, document } = await rotating;
    expect(document).toMatchObject({ state: 'finished', keyEpoch: 2, problems: [] });
    expect(document.done).toBe(document.files);
    expect(status).toBe(0);
  }
  await load(50, 100);
  const [keys] = await look(hub, 'hub', acts('keys'));
  const steps = keys?.rows.map(([step, result]) => `${step} ${result}`) ?? [];
  expect(steps.filter((step) => step.startsWith('rotation-started'))).toHaveLength(1);
  expect(steps.filter((step) => step === 'database-rekeyed ok').length).toBeGreaterThanOrEqual(3);
  expect(steps).toContain('retired-key-dropped ok');
}, 180_000);

test('a file that can not be given the key hinders nothing, and a hub that is killed goes on by itself', async () => {
  const operator = as(hub, 'operator-demo');
  const paths = siteFolder(hub.location.dataDir);
  const foreign = join(paths.records, 'put-aside.db');
  writeFileSync(foreign, Buffer.alloc(8_192, 0x55));
  const asked = await tongbuJson<{ id: string }>([
    'seal',
    'rotate-keys',
    ...operator,
    '--reason',
    'once more',
  ]);
  await approve(hub, asked.document.id, 'qian');
  const progress = () => tongbuJson<Rekey>(['seal', 'rotate-keys', ...operator, '--status']);
  const unfinished = await until('the rotation has gone through the files', async () => {
    const { status, document } = await progress();
    return document.ended === null || document.keyEpoch < 3 ? undefined : { status, ...document };
  });
  expect(unfinished).toMatchObject({ status: 4, state: 'unfinished' });
  expect(unfinished.problems).toMatchObject([{ file: 'records/put-aside', code: 'TB1103' }]);
  expect(unfinished.done).toBe(unfinished.files - 1);
  await load(100, 120);

  await hub.kill();
  rmSync(foreign);
  await world.revive(hub);
  expect((await progress()).document).toMatchObject({ state: 'finished', keyEpoch: 3, problems: [] });
  await load(120, 140);
  for (const checked of (await world.verified()).get('430000')?.values() ?? [])
    expect(checked.whole).toBe(true);
  const [keys] = await look(hub, 'hub', acts('keys'));
  const steps = keys?.rows.map(([step, result]) => `${step} ${result}`) ?? [];
  expect(steps).toContain('database-kept TB1103');
  expect(steps).toContain('rotation-unfinished TB1921');
  expect(steps.at(-1)).toBe('retired-key-dropped ok');

  await hub.stop();
  const { database: key } = await keysOf(hub);
  const files = databaseFiles(paths);
  expect(files.length).toBeGreaterThanOrEqual(3);
  for (const { path } of files) Database.open({ path, key, mode: 'read', durability: 'full' }).close();
}, 180_000);

interface Rekey {
  readonly state: string;
  readonly keyEpoch: number;
  readonly files: number;
  readonly done: number;
  readonly ended: string | null;
  readonly problems: readonly object[];
}
