import Database from 'better-sqlite3-multiple-ciphers';
import { describe, expect, test } from 'vitest';
import { withVersion } from '../../../core/records/body.ts';
import { parseKey } from '../../../core/records/dataset.ts';
import { datasets } from '../../../core/records/datasets.ts';
import { prepareRow } from '../../../core/records/prepare-row.ts';
import { createTableSql, deleteSql, tableColumns, tableRow, upsertSql } from '../../../core/records/table.ts';
import { context, exampleRow } from './example-row.ts';

const all = datasets.flatMap((dataset) =>
  dataset.entities.map((entity) => ({ dataset, entity, name: entity.table })),
);

describe.each(all)('table $name', ({ dataset, entity }) => {
  const prepared = prepareRow(dataset, entity.name, exampleRow(entity), context);
  if (!prepared.accepted) throw new Error('the example is refused');

  test('it takes the row of a body, replaces it by a newer one, and deletes it by the key of the entry', () => {
    const database = new Database(':memory:');
    database.exec(createTableSql(entity, ['entry_index INTEGER NOT NULL']));
    const upsert = database.prepare(upsertSql(entity, ['entry_index']));
    upsert.run(...tableRow(entity, withVersion(prepared.body, 1)), 7);
    upsert.run(...tableRow(entity, withVersion(prepared.body, 2)), 8);
    const rows = database.prepare(`SELECT * FROM ${entity.table}`).all();
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ ver: 2, entry_index: 8, src_sys: 'U', optins_no: '430121' });
    const { entity: named, values } = parseKey(dataset, prepared.key);
    expect(named).toBe(entity);
    expect(database.prepare(deleteSql(entity)).run(...values).changes).toBe(1);
    database.close();
  });

  test('its columns begin with the key and have one cell each', () => {
    const columns = tableColumns(entity);
    expect(columns.slice(0, entity.key.length)).toEqual(entity.key);
    const row = tableRow(entity, withVersion(prepared.body, 300));
    expect(row).toHaveLength(columns.length);
    expect(row.slice(0, entity.key.length)).toEqual(parseKey(dataset, prepared.key).values);
    expect(row.at(-1)).toBe(300);
  });
});

test('a body of another entity is no row of the table', () => {
  const [first, second] = datasets.find((dataset) => dataset.name === 'claims')?.entities ?? [];
  const claims = datasets.find((dataset) => dataset.name === 'claims');
  if (!claims || !first || !second) throw new Error('no claims');
  const prepared = prepareRow(claims, first.name, exampleRow(first), context);
  if (!prepared.accepted) throw new Error('refused');
  expect(() => tableRow(second, prepared.body)).toThrow(/TB1511/);
});

test('a key with slashes and percent signs names the same row again', () => {
  const claims = datasets.find((dataset) => dataset.name === 'claims');
  const line = claims?.entities.find((entity) => entity.name === 'line');
  if (!claims || !line) throw new Error('no line');
  const raw = exampleRow(line, { mdtrt_id: 'M/1%2F', feedetl_sn: '100%' });
  const prepared = prepareRow(claims, 'line', raw, context);
  if (!prepared.accepted) throw new Error('refused');
  expect(prepared.key.split('/')).toHaveLength(3);
  expect(parseKey(claims, prepared.key).values).toEqual(['M/1%2F', '100%']);
  for (const key of ['line/M1', 'line/M1/', 'bill/1', '', 'line/M1/L1/x']) {
    expect(() => parseKey(claims, key)).toThrow(/TB1512/);
  }
});
