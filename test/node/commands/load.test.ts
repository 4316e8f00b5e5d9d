import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DemoSite } from '../../../scripts/demo/demo-site.ts';
import { TestConstellation } from '../../support/constellation.ts';
import { encodeGb18030 } from '../../support/gb18030.ts';
import { refusal, tongbuJson } from '../../support/json-command.ts';
import { catalogRows, countyRows, type RowObject } from '../../support/rows.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';

interface LoadDocument {
  readonly rows: number;
  readonly accepted: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly rejects: string | null;
  readonly dryRun: boolean;
  readonly logSize: number;
  readonly findings: readonly { readonly rule: string; readonly field: string; readonly firstRow: number }[];
}

let world: TestConstellation;
let county: DemoSite;
const folder = new TemporaryFolder();
const persons = countyRows('430121', 300)['persons'] ?? [];
const columns = Object.keys(persons[0] ?? {});

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: ['430121'] });
  county = world.all.county('430121');
}, 120_000);
afterAll(async () => {
  await world?.close();
  folder.remove();
});

function load(file: string, ...options: string[]) {
  return tongbuJson<LoadDocument>(loadArgs(file, ...options));
}

function loadArgs(file: string, ...options: string[]): string[] {
  return ['node', 'load', file, '--data', county.location.dataDir, '--dataset', 'persons', ...options];
}

/** What breaks a row, by its place: one of each kind that clerks meet. */
const faults: Readonly<Record<number, (cells: Record<string, string>) => void>> = {
  3: (cells) => Object.assign(cells, { certno: '990101199001010011' }),
  10: (cells) => Object.assign(cells, { gend: '7' }),
  22: (cells) => Object.assign(cells, { psn_name: '' }),
  35: (cells) => Object.assign(cells, { brdy: 'not a date' }),
  50: (cells) => Object.assign(cells, { surv_stas: 'x' }),
  77: (cells) => Object.assign(cells, { psn_no: '' }),
  99: (cells) => Object.assign(cells, { ntly: 'nowhere at all' }),
};

function csv(rows: readonly RowObject[], broken: typeof faults = {}): string {
  const lines = rows.map((row, i) => {
    const cells = { ...row };
    broken[i]?.(cells);
    return columns.map((column) => cells[column] ?? '').join(',');
  });
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

/** What a person at a spreadsheet makes of the rejects: the right values, everything else as it stands. */
function correct(rejects: string, rows: readonly RowObject[]): string {
  const [header = '', ...lines] = rejects.replace('\ufeff', '').trimEnd().split('\r\n');
  const names = header.split(',');
  const corrected = lines.map((line) => {
    const rowNumber = Number(line.split(',')[0]);
    const right = rows[rowNumber - 2] ?? {};
    return names.map((name) => (name.startsWith('#') ? '' : (right[name] ?? ''))).join(',');
  });
  return [header, ...corrected].join('\r\n');
}

/** Everything in the data folder but what the running database keeps beside its files. */
function digestOf(path: string): string {
  const names = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/-(wal|shm)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return hash('sha256', names.map((name) => name + hash('sha256', readFileSync(name))).join('\n'));
}

describe('a file of 100 rows, 7 of them bad', () => {
  test.each([
    ['UTF-8', 'utf-8', 0, (text: string) => Buffer.from(text)],
    ['GB18030', 'gb18030', 100, encodeGb18030],
  ] as const)(
    'in %s: 93 come in, the corrected file adds exactly 7',
    async (_name, encoding, from, encode) => {
      const rows = persons.slice(from, from + 100);
      const file = folder.file(`persons-${encoding}.csv`);
      writeFileSync(file, encode(csv(rows, faults)));
      const first = await load(file, '--encoding', encoding);
      expect(first.status).toBe(4);
      const path = folder.file(`persons-${encoding}.rejects.csv`);
      expect(first.document).toMatchObject({
        rows: 100,
        accepted: 93,
        unchanged: 0,
        refused: 7,
        rejects: path,
      });
      const rejects = readFileSync(path, 'utf8');
      expect(rejects.startsWith('\ufeff')).toBe(true);
      expect(rejects.trimEnd().split('\r\n')).toHaveLength(8);
      const places = rejects
        .split('\r\n')
        .slice(1, 8)
        .map((line) => Number(line.split(',')[0]));
      expect(places).toEqual(Object.keys(faults).map((i) => Number(i) + 2));

      const corrected = folder.file(`corrected-${encoding}.csv`);
      writeFileSync(corrected, correct(rejects, rows));
      const second = await load(corrected);
      expect(second.status).toBe(0);
      expect(second.document).toMatchObject({ rows: 7, accepted: 7, refused: 0, rejects: null });
      const third = await load(corrected);
      expect(third.document).toMatchObject({ accepted: 0, unchanged: 7, logSize: second.document.logSize });
    },
  );

  test('under --dry-run says what would happen and leaves the data folder as it was', async () => {
    const file = folder.file('dry.csv');
    writeFileSync(file, csv(persons.slice(200, 300), faults));
    const before = digestOf(county.location.dataDir);
    const { status, document } = await load(file, '--dry-run');
    expect(status).toBe(4);
    expect(document).toMatchObject({ dryRun: true, accepted: 93, refused: 7, rejects: null });
    expect(existsSync(folder.file('dry.rejects.csv'))).toBe(false);
    expect(digestOf(county.location.dataDir)).toBe(before);
  });
});

describe('NDJSON', () => {
  test('rows that are no rows stop no others and are named by their line', async () => {
    const file = folder.file('mixed.ndjson');
    const [claim, ...others] = countyRows('430121', 3)['claims'] ?? [];
    const lines = ['{"mdtrt_id":"M1"}', '{"entity":"bill"}', 'no json', '', JSON.stringify(claim)];
    writeFileSync(file, [...lines, ...others.map((row) => JSON.stringify(row))].join('\n'));
    const args = loadArgs(file).with(6, 'claims');
    const { status, document } = await tongbuJson<LoadDocument>(args);
    expect(status).toBe(4);
    expect(document).toMatchObject({ accepted: others.length + 1, refused: 3 });
    expect(document.findings.map(({ rule, firstRow }) => `${rule} ${firstRow}`).sort()).toEqual([
      'F01 1',
      'F04 2',
      'F06 3',
    ]);
  });
});

describe('what can not be loaded', () => {
  test('a file in the wrong encoding loads nothing, and the right one is named', async () => {
    const file = folder.file('wrong.csv');
    writeFileSync(file, encodeGb18030(csv(persons.slice(0, 10))));
    const { document } = await tongbuJson(loadArgs(file));
    expect(document.error.code).toBe('TB1501');
    expect(document.error.hint).toContain('--encoding gb18030');
  });

  test.each([
    ['a file that is not there', ['missing.csv'], 'TB1003', 1],
    ['an unknown dataset', ['dry.csv', '--dataset', 'person'], 'TB1507', 2],
    ['a dataset that another tier writes', ['catalog.ndjson', '--dataset', 'catalog'], 'TB1605', 2],
    ['an unknown encoding', ['dry.csv', '--encoding', 'latin1'], 'TB1513', 2],
    ['rejects on top of the file itself', ['dry.csv', '--rejects', 'dry.csv'], 'TB1623', 2],
  ] as const)('%s is refused with its own code', async (_name, [file, ...options], code, exit) => {
    writeFileSync(
      folder.file('catalog.ndjson'),
      catalogRows(5000)
        .map((row) => JSON.stringify(row))
        .join('\n'),
    );
    const own = options.map((option) => (option.endsWith('.csv') ? folder.file(option) : option));
    expect(await refusal(loadArgs(folder.file(file), ...own))).toEqual([code, exit]);
  });
});
