import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readIdentity } from '../../core/site/trust/identity-folder.ts';
import type { SiteClient } from '../../core/wire/site-client.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { TestConstellation } from '../support/constellation.ts';
import { countyRows, type IntakeResult, type RowObject } from '../support/rows.ts';
import { clientOf } from '../support/site-double.ts';

interface WatchMessage {
  readonly index: number;
  readonly key: string;
  readonly operation: string;
  readonly json: string;
}

let world: TestConstellation;
let county: DemoSite;
let system: SiteClient;
const { enrollment = [], persons = [] } = countyRows('430121', 30);

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: ['430121'] });
  county = world.all.county('430121');
  const identity = await readIdentity(join(county.location.dataDir, 'people', 'business-his'));
  system = clientOf(county, identity);
}, 120_000);
afterAll(async () => {
  system?.close();
  await world?.close();
});

async function put(dataset: string, rows: readonly RowObject[], messageId = 'm-1') {
  const lines = Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
  const request = { messageId, rows: { dataset, entity: '', rows: lines, firstRow: 1 } };
  return system.unary<{ messageId: string; result: IntakeResult }>('node', 'Intake', 'put', request);
}

test('a business system submits rows, repeats them, and reads them back by key and in pages', async () => {
  const first = await put('enrollment', enrollment.slice(0, 25));
  expect(first).toMatchObject({ messageId: 'm-1', result: { accepted: 25, unchanged: 0, logSize: 25 } });
  const again = await put('enrollment', enrollment.slice(0, 25));
  expect(again.result).toMatchObject({ accepted: 0, unchanged: 25, logSize: 25 });

  const keys: string[] = [];
  let pageToken = '';
  do {
    const request = { dataset: 'enrollment', entity: '', pageSize: 10, pageToken };
    const page = await system.unary<{ rows: { key: string; ver: number }[]; nextPageToken: string }>(
      'node',
      'Intake',
      'list',
      request,
    );
    keys.push(...page.rows.map(({ key }) => key));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(keys).toHaveLength(25);
  expect(keys).toEqual([...new Set(keys)].sort());

  const { row } = await system.unary<{ row: { json: string; ver: number } }>('node', 'Intake', 'get', {
    dataset: 'enrollment',
    key: keys[3],
  });
  const stored = JSON.parse(row.json) as RowObject;
  const sent = enrollment.find(({ psn_insu_rlts_id: id }) => keys[3]?.endsWith(String(id)));
  expect(stored).toMatchObject({ psn_no: sent?.['psn_no'], psn_clct_amt: sent?.['psn_clct_amt'] });
  expect(row.ver).toBe(1);
});

test('a misspelt field is named with the right one, and the good rows beside it are stored', async () => {
  const [good, other] = enrollment.slice(25, 27);
  if (!good || !other) throw new Error('rows');
  const { insu_year: year, ...rest } = other;
  const { result } = await put('enrollment', [good, { ...rest, insu_yaer: String(year) }]);
  expect(result.accepted).toBe(1);
  const [problem] = result.problems.filter(({ rule }) => rule === 'F05');
  expect(problem).toMatchObject({ row: 2, field: 'insu_yaer', severity: 'reject' });
  expect(problem?.text).toContain('insu_year');
});

test('of two rows with one key and other content in one call, the second is refused by name', async () => {
  const [row] = enrollment.slice(27, 28);
  if (!row) throw new Error('rows');
  const { result } = await put('enrollment', [row, { ...row, psn_insu_date: '2025-12-02' }]);
  expect(result.accepted).toBe(1);
  expect(result.problems).toMatchObject([{ row: 2, rule: 'F07' }]);
});

test('a watch gives what is there, signed or not, then what comes, and shows no identity', async () => {
  await put('persons', persons.slice(0, 3));
  const stop = new AbortController();
  const seen: WatchMessage[] = [];
  const request = { dataset: 'persons', from: 1 };
  try {
    for await (const entry of system.stream<WatchMessage>('node', 'Intake', 'watch', request, stop.signal)) {
      seen.push(entry);
      if (seen.length === 2) await put('persons', persons.slice(3, 5));
      if (seen.length === 4) break;
    }
  } finally {
    stop.abort();
  }
  expect(seen.map(({ index }) => index)).toEqual([1, 2, 3, 4]);
  expect(new Set(seen.map(({ operation }) => operation))).toEqual(new Set(['upsert']));
  const fourth = persons[4];
  const shown = JSON.parse(seen[3]?.json ?? '{}') as RowObject;
  expect(shown['psn_no']).toBe(fourth?.['psn_no']);
  expect(shown['certno']).not.toBe(fourth?.['certno']);
  expect(shown['psn_name']).not.toBe(fourth?.['psn_name']);
});
