import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDate } from '../../core/records/calendar.ts';
import { entityOf } from '../../core/records/dataset.ts';
import { datasetOf } from '../../core/records/datasets.ts';
import { prepareRow, type RowContext } from '../../core/records/prepare-row.ts';
import { readRows } from '../../core/records/row-reader.ts';
import { type Conversion, convertSharedData } from '../../scripts/shared-data/convert.ts';
import { readTable } from '../../scripts/shared-data/source-table.ts';

const data = resolve(process.env['TONGBU_SHARED_DATA'] ?? '../shared/data');
const absent = !existsSync(join(data, 'legacy-a'));
const title = absent
  ? `legacy exports (skipped: no folder ${data}; set TONGBU_SHARED_DATA)`
  : 'legacy exports';

const context: RowContext = {
  today: parseDate('2017-03-31') ?? 0,
  migrated: true,
  testIds: true,
  perHead: (year) => (year === '2016' ? 57_000 : 63_000),
  defaults: { crter_id: 'op0001', opter_id: 'op0001', optins_no: '430121' },
};

describe.skipIf(absent)(title, () => {
  const out = mkdtempSync(join(tmpdir(), 'tongbu-shared-'));
  let conversion: Conversion;
  beforeAll(async () => {
    conversion = await convertSharedData(data, out);
  });
  afterAll(() => rmSync(out, { recursive: true }));

  test('every row is accepted; its faults are listed or held, as many as were planted', async () => {
    const counts: Record<string, number> = {};
    for (const { dataset: name, entity, path } of conversion.files) {
      const dataset = datasetOf(name);
      const file = { path, format: 'csv', encoding: 'utf-8', entity: entityOf(dataset, entity) } as const;
      for await (const batch of readRows(file)) {
        for (const { raw } of batch.rows) {
          if (raw === undefined) throw new Error('unreadable');
          const result = prepareRow(dataset, entity, raw, context);
          if (!result.accepted) throw new Error(JSON.stringify(result.findings));
          counts[entity] = (counts[entity] ?? 0) + 1;
          for (const { rule, field, severity } of result.warnings) {
            const kind = `${rule} ${field} ${severity}`;
            counts[kind] = (counts[kind] ?? 0) + 1;
          }
        }
      }
    }
    expect(counts).toEqual({
      drug: 13_738,
      person: 2_300 + 1_600,
      id_link: 4_060,
      enrollment: 4_403 + 3_052,
      visit: 1_437,
      claim: 1_437,
      line: 10_999,
      'P01 certno warn': 23 + 16,
      'P01 brdy warn': 11 + 8,
      'P01 gend warn': 5 + 4,
      'P03 brdy hold': 3 + 2,
      // 14 and 10 normalised, 4 and 3 with a replacement character.
      'P04 psn_name warn': 24 + 7,
      'E06 certno warn': 6 + 3,
      'E06 naty warn': 53 + 24,
      'E06 tel warn': 118 + 61,
      'E06 hsreg_addr warn': 35 + 25,
      'E03 psn_clct_amt hold': 12 + 8,
      'V01 endtime hold': 4,
      'V04 diag hold': 20,
      'L01 det_item_fee_sumamt hold': 12,
      // Lines of items without a counterpart in the national tables, and of unknown items.
      'L02 med_list_codg hold': 3_507 + 12,
    });
    // The enrolment files have the kind a second time.
    expect(conversion.defaulted.get('A GRLB')).toBe(14);
    expect(conversion.defaulted.get('B AAE140+AKA130')).toBe(11);
  });

  test('outside persons stands no name, ID number, telephone or card of anybody', async () => {
    const people = [
      ...(await readTable(data, 'legacy-a/d401_persons.csv', 'gb18030')).map((row) => [
        row('D401_01'),
        row('D401_15'),
        row('D401_10'),
      ]),
      ...(await readTable(data, 'legacy-b/insurinfo.csv')).map((row) => [
        row('AAC002'),
        row('AAE005'),
        row('AKC020'),
        row('AAC001'),
      ]),
    ];
    const secrets = new Set(people.flat().filter((value) => value !== ''));
    for (const { dataset, path } of conversion.files) {
      if (dataset === 'persons') continue;
      const cells = readFileSync(path, 'utf8').split(/[",\n]/);
      expect(cells.filter((cell) => secrets.has(cell)).length, path).toBe(0);
    }
  });

  test('a second run gives the same bytes', async () => {
    const again = await convertSharedData(data, join(out, 'again'));
    for (const [i, { path }] of again.files.entries()) {
      expect(readFileSync(path).equals(readFileSync(conversion.files[i]?.path ?? ''))).toBe(true);
    }
  });
});
