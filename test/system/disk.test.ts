import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { siteFolder } from '../../core/site/site-folder.ts';
import { Database } from '../../core/store/database.ts';
import { ceremonyOfficers } from '../../scripts/demo/constellation.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { checkedLogs } from '../../scripts/demo/observe.ts';
import { tongbu } from '../support/command.ts';
import { TestConstellation } from '../support/constellation.ts';
import { countyRows, putRows } from '../support/rows.ts';
import { keysOf } from '../support/site-double.ts';
import { until } from '../support/until.ts';

const log = '430121/claims';
const { claims = [] } = countyRows('430121', 300);

let world: TestConstellation;
let county: DemoSite;
let province: DemoSite;
/** The province's ledger on a disk of its own, which a test can fill. */
let ledger: string;

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: ['430121'] });
  county = world.all.county('430121');
  province = world.all.province;
  ledger = siteFolder(province.location.dataDir).ledger;
}, 120_000);
afterAll(async () => {
  await Promise.all(world?.all.sites.map((site) => site.kill()) ?? []);
  unmount(ledger);
  await world?.close();
});

function mount(folder: string, size: string): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', folder]).status === 0;
}

function unmount(folder: string): void {
  spawnSync('umount', [folder]);
}

test('a second process for the same folder is refused, and the first goes on', async () => {
  const { status, stderr } = await tongbu('node', 'serve', '--data', county.location.dataDir);
  expect([status, stderr]).toEqual([1, expect.stringContaining('TB1109')]);
  expect(await world.look(county, log)).toMatchObject({ size: 0 });
});

test('a database of a newer version is left as it is, and its site stays sealed', async () => {
  await county.stop();
  const { node: path } = siteFolder(county.location.dataDir);
  const { database: key } = await keysOf(county);
  const setVersion = (change: (found: number) => number) => {
    const database = Database.open({ path, key, mode: 'open', durability: 'full' });
    database.execute(`PRAGMA user_version = ${change(database.version)}`);
    const { version } = database;
    database.close();
    return version;
  };
  const newer = setVersion((found) => found + 1);
  await county.start();
  await expect(county.unseal(ceremonyOfficers)).rejects.toMatchObject({
    code: 'TB1108',
    parameters: { found: newer, known: newer - 1 },
  });
  expect((await tongbu('node', 'status', '--data', county.location.dataDir)).status).toBe(3);
  await county.stop();
  expect(setVersion((found) => found - 1)).toBe(newer - 1);
  await world.revive(county);
});

test('a full disk at the hub moves no position; the county waits and goes on when there is room', {
  timeout: 120_000,
}, async (context) => {
  await province.stop();
  const aside = join(world.folder, 'ledger');
  cpSync(ledger, aside, { recursive: true });
  if (!mount(ledger, '2m')) context.skip('no right to mount a small disk; run as root');
  cpSync(aside, ledger, { recursive: true });
  await world.revive(province);

  await putRows(county, 'claims', claims.slice(0, 400));
  await world.arrived(province, log, 400);
  const filler = join(ledger, 'filler');
  expect(() => writeFileSync(filler, Buffer.alloc(4 * 1024 * 1024))).toThrow(/ENOSPC/);

  await putRows(county, 'claims', claims.slice(400));
  const link = await until('the county is told', async () => {
    const client = await county.client();
    const { links } = await client.unary<{ links: Link[] }>('site', 'Site', 'getStatus', {});
    const found = links.find(({ log: name }) => name === log);
    return found?.problemText.includes('storage') && found;
  });
  expect(link).toMatchObject({ position: 400, problemCode: 'TB1445' });
  expect(await world.look(province, log)).toMatchObject({ size: 400 });
  expect(await world.look(county, log)).toMatchObject({ size: claims.length });

  rmSync(filler);
  await world.arrived(province, log, claims.length);
  const checked = await checkedLogs(province, new AbortController().signal);
  expect(checked.find(({ log: name }) => name === log)).toMatchObject({ whole: true, duplicates: 0 });
  expect(readdirSync(ledger)).toContain('430121.db');
});

interface Link {
  readonly log: string;
  readonly position: number;
  readonly problemCode: string;
  readonly problemText: string;
}
