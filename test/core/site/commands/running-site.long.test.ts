import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DemoSite } from '../../../../scripts/demo/demo-site.ts';
import { tongbu } from '../../../support/command.ts';
import { TestConstellation } from '../../../support/constellation.ts';
import { refusal, tongbuJson } from '../../../support/json-command.ts';
import { catalogRows, countyRows, putRows } from '../../../support/rows.ts';
import { TemporaryFolder } from '../../../support/temporary-folder.ts';

let world: TestConstellation;
let county: DemoSite;
let province: DemoSite;
const folder = new TemporaryFolder();
const rows = countyRows('430121', 5);
let claims = 0;

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: ['430121'] });
  province = world.all.province;
  county = world.all.county('430121');
  for (const dataset of ['persons', 'claims']) await putRows(county, dataset, rows[dataset] ?? []);
  claims = rows['claims']?.length ?? 0;
  await world.arrived(province, '430121/claims', claims);
}, 120_000);
afterAll(async () => {
  await world?.close();
  folder.remove();
});

const at = (site: DemoSite) => ['--data', site.location.dataDir];

describe('status', () => {
  interface StatusDocument {
    readonly well: boolean;
    readonly summary: string;
    readonly logs: readonly { readonly log: string; readonly size: number; readonly root: string }[];
  }

  test('begins with a sentence, and shows the same roots at both ends', async () => {
    const { status, stdout } = await tongbu('node', 'status', ...at(county));
    expect([status, stdout.split('\n')[0]]).toEqual([0, expect.stringContaining('All is well at 430121')]);
    const { document: below } = await tongbuJson<StatusDocument>(['node', 'status', ...at(county)]);
    const { document: above } = await tongbuJson<StatusDocument>(['hub', 'status', ...at(province)]);
    expect(below).toMatchObject({ well: true, summary: expect.stringContaining('well') });
    const [ours, theirs] = [below, above].map(({ logs }) => logs.find(({ log }) => log === '430121/claims'));
    expect(ours).toMatchObject({ size: claims });
    expect(theirs?.root).toBe(ours?.root);
  });

  test('lists every admitted site by name', async () => {
    const { document } = await tongbuJson<{ sites: { site: string; entries: number }[] }>([
      'hub',
      'sites',
      ...at(province),
    ]);
    const found = document.sites.find(({ site }) => site === '430121');
    expect(found).toMatchObject({ name: '样例县430121', tier: 'county', state: 'current' });
  });
});

describe('verify', () => {
  test('hashes every log at both ends to the same root and finds no change twice', async () => {
    interface VerifyDocument {
      readonly logs: readonly { readonly log: string; readonly root: string; readonly size: number }[];
    }
    const verdicts = async (program: string, site: DemoSite) => {
      const { status, document } = await tongbuJson<VerifyDocument>([program, 'verify', ...at(site)]);
      expect(status).toBe(0);
      for (const log of document.logs) {
        expect(log).toMatchObject({ whole: true, badIndex: null, reason: null, duplicates: 0 });
      }
      return new Map(document.logs.map(({ log, root, size }) => [log, `${size} ${root}`]));
    };
    const [below, above] = [await verdicts('node', county), await verdicts('hub', province)];
    expect(below.get('430121/claims')).toBe(above.get('430121/claims'));
    expect(below.get('430121/claims')).toMatch(new RegExp(`^${claims} [0-9a-f]{64}$`));
  });

  test('an unknown log is refused', async () => {
    const args = ['node', 'verify', ...at(county), '--log', '430121/fund'];
    expect(await refusal(args)).toEqual(['TB1447', 1]);
  });
});

describe('list', () => {
  test('identity is masked, and a row is found by the key that the list prints', async () => {
    interface ListDocument {
      readonly rows: readonly { readonly key: string; readonly fields: Record<string, string> }[];
      readonly more: boolean;
    }
    const args = ['node', 'list', 'persons', ...at(county)];
    const { document } = await tongbuJson<ListDocument>([...args, '--limit', '2']);
    expect(document).toMatchObject({ more: true });
    const [first] = document.rows;
    expect(first?.fields['certno']).toMatch(/\*{3}/);
    const { stdout } = await tongbu(...args, '--key', first?.key ?? '');
    expect(stdout).toContain(first?.key ?? '?');
    for (const person of rows['persons'] ?? []) {
      expect(stdout).not.toContain(person['certno']);
      expect(stdout).not.toContain(person['psn_name']);
    }
  });
});

describe('proofs', () => {
  const proof = folder.file('claim.tlog-proof');
  const prove = (...options: string[]) =>
    tongbuJson<{ vkey: string; index: number }>([
      'log',
      'proof',
      ...at(province),
      '--log',
      '430121/claims',
      '--out',
      proof,
      ...options,
    ]);

  test('an entry proven at the province is checked with the county key alone, by index and by key', async () => {
    const { document } = await prove('--index', '1');
    const check = (...options: string[]) =>
      tongbuJson<{ proven: boolean; index: number; key: string }>(['log', 'check', proof, ...options]);
    const checked = await check('--vkey', document.vkey);
    expect(checked).toMatchObject({ status: 0, document: { proven: true, index: 1 } });
    const policy = folder.file('policy');
    writeFileSync(policy, `log ${document.vkey}\nquorum none\n`);
    expect((await check('--policy', policy, '--show')).status).toBe(0);
  });

  test('an altered entry, another key and a missing key are told apart', async () => {
    const { document } = await prove('--index', '2');
    const altered = folder.file('altered.entry');
    writeFileSync(altered, Buffer.concat([readFileSync(`${proof}.entry`), Buffer.of(0)]));
    const check = ['log', 'check', proof];
    const wrong = document.vkey.replace('430121', '430122');
    expect(await refusal([...check, '--vkey', document.vkey, '--entry', altered])).toEqual(['TB1412', 1]);
    expect(await refusal([...check, '--vkey', wrong])).toEqual(['TB1410', 2]);
    expect(await refusal(check)).toEqual(['TB1010', 2]);
  });

  test('an index that no checkpoint covers is refused', async () => {
    const args = ['log', 'proof', ...at(province), '--log', '430121/claims', '--index', '999999'];
    expect(await refusal([...args, '--out', folder.file('no')])).toEqual(['TB1448', 1]);
  });

  test('an export has the checkpoint and the entries of the whole log', async () => {
    const out = folder.file('tiles');
    const args = ['log', 'export', ...at(province), '--log', '430121/claims', '--out', out];
    const { status, document } = await tongbuJson<{ files: number }>(args);
    const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    expect([status, document.files]).toEqual([0, files.length]);
    const [origin, size] = readFileSync(join(out, 'checkpoint'), 'utf8').split('\n');
    expect([origin, size]).toEqual(['hunan.example/430121/claims', String(claims)]);
  });
});

describe('publishing', () => {
  test('a catalog goes down to the county; other datasets are not published by hand', async () => {
    const file = folder.file('catalog.ndjson');
    writeFileSync(
      file,
      catalogRows(20)
        .map((row) => JSON.stringify(row))
        .join('\n'),
    );
    const published = await tongbuJson<{ accepted: number }>([
      'hub',
      'publish',
      'catalog',
      file,
      ...at(province),
    ]);
    expect(published).toMatchObject({ status: 0, document: { accepted: 20 } });
    expect((await world.arrived(county, '430000/catalog', 20)).size).toBe(20);
    expect(await refusal(['hub', 'publish', 'registry', file, ...at(province)])).toEqual(['TB1605', 2]);
  });
});

describe('tokens', () => {
  test('the line stands alone on standard output', async () => {
    const args = ['hub', 'token', ...at(province), '--site', '430122', '--name', '望城区'];
    const { status, stdout } = await tongbu(...args, '--operator', 'li', '--officer', 'zhao');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^tongbu-enrol-1:430122:430000@\S+\n$/)]);
  });

  test.each([
    ['a site of another province', ['--site', '440101'], 'TB1703', 2],
    ['a life beyond a day', ['--site', '430122', '--life', '25h'], 'TB1619', 2],
    ['a role that is none', ['--site', '430122', '--grant', 'king'], 'TB1317', 2],
  ] as const)('%s gets none', async (_name, options, code, exit) => {
    expect(await refusal(['hub', 'token', ...at(province), '--name', 'x', ...options])).toEqual([code, exit]);
  });
});

describe('a folder', () => {
  test('that is none, of another tier, or in use is named as such', async () => {
    expect(await refusal(['node', 'status', '--data', folder.file('none')])).toEqual(['TB1603', 2]);
    expect(await refusal(['node', 'status', ...at(province)])).toEqual(['TB1612', 2]);
    expect(await refusal(['hub', 'serve', ...at(county)])).toEqual(['TB1612', 2]);
    expect(await refusal(['node', 'serve', ...at(county)])).toEqual(['TB1109', 1]);
  });
});
