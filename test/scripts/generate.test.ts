import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeBody } from '../../core/records/body.ts';
import { datasetOf } from '../../core/records/datasets.ts';
import type { Draft } from '../../core/records/field.ts';
import { prepareRow } from '../../core/records/prepare-row.ts';
import { claimRows } from '../../scripts/generate/claim-rows.ts';
import { countyCodes, countyOf } from '../../scripts/generate/counties.ts';
import { drugRows } from '../../scripts/generate/drug-rows.ts';
import { enrollmentRows, standardFen } from '../../scripts/generate/enrollment-rows.ts';
import { personRows } from '../../scripts/generate/person-rows.ts';
import { writeRows } from '../../scripts/generate/row-file.ts';
import type { Row, Scale } from '../../scripts/generate/scale.ts';
import { context } from '../core/records/example-row.ts';

const scale: Scale = {
  seed: 7,
  county: '430121',
  persons: 300,
  year: 2026,
  eventsPerPerson: 1,
  linesPerStay: 10,
};
const within = { ...context, today: 20_900, perHead: () => standardFen };

const generators: { name: string; rows: () => Iterable<Row> }[] = [
  { name: 'persons', rows: () => personRows(scale) },
  { name: 'enrollment', rows: () => enrollmentRows(scale) },
  { name: 'claims', rows: () => claimRows(scale) },
  { name: 'catalog', rows: () => drugRows({ seed: 7, drugs: 500, year: 2026 }) },
];

const folder = mkdtempSync(join(tmpdir(), 'tongbu-generate-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(generators)('generated $name', ({ name, rows }) => {
  const dataset = datasetOf(name);

  test('every row is accepted without a finding, under a key of its own', () => {
    const keys = new Set<string>();
    let count = 0;
    for (const row of rows()) {
      const result = prepareRow(dataset, undefined, row, within);
      expect(result.accepted ? result.warnings : result.findings).toEqual([]);
      if (result.accepted) keys.add(result.key);
      count += 1;
    }
    expect(keys.size).toBe(count);
    expect(count).toBeGreaterThan(200);
  });

  test('the same scale gives the same rows', () => {
    expect([...rows()]).toEqual([...rows()]);
  });

  test('names, ID numbers and telephones cannot be those of anybody', () => {
    for (const row of rows()) {
      if (row['certno'] !== undefined) expect(row['certno']).toMatch(/^99\d{15}[\dX]$/);
      if (row['tel'] !== undefined) expect(row['tel']).toMatch(/^100\d{8}$/);
    }
  });
});

test('claims keep the rules over visit, claim and lines', () => {
  const claims = datasetOf('claims');
  const sets = new Map<string, { visit?: Draft; claim?: Draft; lines: Draft[] }>();
  for (const row of claimRows(scale)) {
    const result = prepareRow(claims, undefined, row, within);
    if (!result.accepted) throw new Error('refused');
    const { entity, values } = decodeBody(claims, result.body);
    const set = sets.get(String(values['mdtrt_id'])) ?? { lines: [] };
    if (entity.name === 'visit') set.visit = values;
    else if (entity.name === 'claim') set.claim = values;
    else set.lines.push(values);
    sets.set(String(values['mdtrt_id']), set);
  }
  for (const { visit, claim, lines } of sets.values()) {
    if (visit === undefined || claim === undefined) throw new Error('incomplete');
    const sum = lines.reduce((fen, line) => fen + Number(line['det_item_fee_sumamt']), 0);
    expect([claim['medfee_sumamt'], claim['line_cnt']]).toEqual([sum, lines.length]);
    const serials = new Set(lines.map((line) => line['feedetl_sn']));
    expect(serials.size).toBe(lines.length);
    const begin = Number(visit['begntime']);
    expect(lines.every((line) => Number(line['fee_ocur_time']) >= begin)).toBe(true);
  }
});

test('enrolments and visits name persons that are generated, and nothing else of them', () => {
  const persons = new Set([...personRows(scale)].map((row) => row['psn_no']));
  expect(persons.size).toBe(scale.persons);
  for (const row of [...enrollmentRows(scale), ...claimRows(scale)]) {
    if (row['psn_no'] !== undefined) expect(persons.has(row['psn_no'])).toBe(true);
  }
});

test('counties are those of the national list', () => {
  expect(countyOf('430121')).toMatchObject({ name: '长沙县', city: '长沙市' });
  expect(countyOf('430121').towns.length).toBeGreaterThan(10);
  expect(countyCodes('43').length).toBeGreaterThanOrEqual(122);
  expect(() => countyOf('999999')).toThrow(/999999/);
});

test('files are written row by row and never over an existing one', () => {
  const path = join(folder, 'drugs.csv');
  expect(writeRows(path, drugRows({ seed: 7, drugs: 3, year: 2026 }), 'csv')).toBe(3);
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(5);
  expect(() => writeRows(path, [], 'csv')).toThrow(/EEXIST/);
});
