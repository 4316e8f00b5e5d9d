import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseColumnMap } from '../../../core/records/column-map.ts';
import { entityOf } from '../../../core/records/dataset.ts';
import { datasetOf } from '../../../core/records/datasets.ts';
import { prepareRow } from '../../../core/records/prepare-row.ts';
import { RejectFile } from '../../../core/records/reject-file.ts';
import { type FileRow, formatOf, type RowFile, readRows } from '../../../core/records/row-reader.ts';
import { encodingOf } from '../../../core/records/text-file.ts';
import { personRows } from '../../../scripts/generate/person-rows.ts';
import { collect } from './collect.ts';
import { context } from './example-row.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongbu-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

const persons = datasetOf('persons');
const person = entityOf(persons, 'person');
const enrolment = entityOf(datasetOf('enrollment'), undefined);

function put(content: string | Buffer, more: Partial<RowFile> = {}, ending = 'csv'): RowFile {
  files += 1;
  const path = join(folder, `${files}.${ending}`);
  writeFileSync(path, content);
  return { path, format: formatOf(path), encoding: 'utf-8', entity: person, ...more };
}

async function rowsOf(file: RowFile): Promise<FileRow[]> {
  const batches = await collect(readRows(file));
  return batches.flatMap((batch) => batch.rows);
}

/** GB18030 by the platform's own converter, which is not ours. */
function gb18030(text: string): Buffer {
  return execFileSync('iconv', ['-f', 'UTF-8', '-t', 'GB18030'], { input: text });
}

/** A CSV of 100 persons; the rows at `bad` get a broken ID number. */
function hundred(bad: readonly number[]): string {
  const rows = [
    ...personRows({
      seed: 3,
      county: '430121',
      persons: 100,
      year: 2026,
      eventsPerPerson: 0,
      linesPerStay: 0,
    }),
  ];
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row, i) => {
    const certno = row['certno'] ?? '';
    const last = certno.endsWith('1') ? '2' : '1';
    const shown = bad.includes(i) ? { ...row, certno: certno.slice(0, 17) + last } : row;
    return columns.map((column) => shown[column as keyof typeof shown] ?? '').join(',');
  });
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

/** Loads a file as `load` does: accepted keys, and the rows that were refused in a file of rejects. */
async function load(file: RowFile, rejects: string): Promise<Set<string>> {
  const accepted = new Set<string>();
  const refused = new RejectFile(rejects, file.entity);
  for await (const batch of readRows(file)) {
    for (const row of batch.rows) {
      const result =
        row.raw === undefined ? undefined : prepareRow(persons, file.entity.name, row.raw, context);
      if (result?.accepted) accepted.add(result.key);
      else
        refused.write(
          batch.columns,
          row,
          result?.findings ?? [{ rule: 'F06', field: '', severity: 'reject' }],
        );
    }
  }
  refused.close();
  return accepted;
}

describe('a file of 100 rows of which 7 are bad', () => {
  const bad = [0, 13, 14, 50, 77, 98, 99];

  test.each(['utf-8', 'gb18030'] as const)(
    'in %s 93 are accepted and the corrected rejects add exactly 7',
    async (encoding) => {
      const text = hundred(bad);
      const file = put(encoding === 'utf-8' ? `\ufeff${text}` : gb18030(text), { encoding });
      const rejects = join(folder, `rejects-${encoding}.csv`);
      const accepted = await load(file, rejects);
      expect(accepted.size).toBe(93);

      const written = readFileSync(rejects);
      expect([...written.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
      expect(statSync(rejects).mode & 0o777).toBe(0o600);
      const lines = written.toString().trimEnd().split('\r\n');
      expect(lines).toHaveLength(8);
      for (const [i, line] of lines.slice(1).entries()) {
        expect(line.startsWith(`${(bad[i] ?? 0) + 2},certno,P01,`)).toBe(true);
        expect(line).toContain('990101199001010019');
        expect(line).toMatch(/身份证号校验位错误/);
      }

      // The clerk puts the right numbers into the rejects and loads them.
      const right = hundred([]).split('\n');
      const corrected = lines.map((line, i) => {
        if (i === 0) return line;
        const certno = right[(bad[i - 1] ?? 0) + 1]?.split(',')[2] ?? '';
        return line.replace(/'99\d{15}[\dX]/, `'${certno}`);
      });
      const again = put(corrected.join('\r\n'), {});
      const added = await load(again, join(folder, 'none.csv'));
      expect(added.size).toBe(7);
      expect(new Set([...accepted, ...added]).size).toBe(100);
    },
  );

  test('the rejects loaded unchanged are refused again, with their values unharmed', async () => {
    const rejects = join(folder, 'rejects-again.csv');
    await load(put(hundred(bad)), rejects);
    const twice = join(folder, 'rejects-twice.csv');
    expect((await load(put(readFileSync(rejects)), twice)).size).toBe(0);
    const withoutRow = (text: string) => text.replaceAll(/^\d+,/gm, '');
    expect(withoutRow(readFileSync(twice, 'utf8'))).toBe(withoutRow(readFileSync(rejects, 'utf8')));
  });

  test('refused rows of NDJSON stand in the file as they came and load again', async () => {
    const good = JSON.stringify(
      personRows({
        seed: 3,
        county: '430121',
        persons: 1,
        year: 2026,
        eventsPerPerson: 0,
        linesPerStay: 0,
      }).next().value,
    );
    const file = put(`${good.replace('"gend":"', '"gend":"7')}\n${good}\n{"cut": \n`, {}, 'ndjson');
    const rejects = join(folder, 'rejects-ndjson.csv');
    expect((await load(file, rejects)).size).toBe(1);
    const corrected = readFileSync(rejects, 'utf8').replace('""gend"":""7', '""gend"":""');
    expect((await load(put(corrected), join(folder, 'rest.csv'))).size).toBe(1);
  });
});

describe('encodings', () => {
  const text = hundred([]);

  test('GB18030 read as UTF-8 is recognised before any row, and the option is named', async () => {
    const file = put(gb18030(text));
    await expect(rowsOf(file)).rejects.toMatchObject({
      code: 'TB1501',
      parameters: { encoding: 'utf-8', other: 'gb18030' },
    });
  });

  test('UTF-8 read as GB18030 is recognised, with and without a mark', async () => {
    for (const content of [text, `\ufeff${text}`]) {
      await expect(rowsOf(put(content, { encoding: 'gb18030' }))).rejects.toMatchObject({
        code: 'TB1501',
        parameters: { other: 'utf-8' },
      });
    }
  });

  test('UTF-16 is recognised', async () => {
    const file = put(Buffer.from(`\ufeff${text}`, 'utf16le'));
    await expect(rowsOf(file)).rejects.toMatchObject({ code: 'TB1501', parameters: { other: 'utf-16' } });
  });

  test('a rare character survives GB18030', async () => {
    const [row] = await rowsOf(put(gb18030('psn_no,psn_name\n1,王𬱖㛃\n'), { encoding: 'gb18030' }));
    expect(row?.raw?.['psn_name']).toBe('王𬱖㛃');
  });

  test('a character that is cut at the end of the file is recognised', async () => {
    const file = put(Buffer.from('psn_no,psn_name\n1,样').subarray(0, -1));
    await expect(rowsOf(file)).rejects.toMatchObject({ code: 'TB1501' });
  });

  test('names of encodings', () => {
    expect(encodingOf('UTF8')).toBe('utf-8');
    expect(encodingOf('GBK')).toBe('gb18030');
    expect(() => encodingOf('latin-1')).toThrow(/TB1513/);
  });
});

describe('headers', () => {
  test('Chinese names match, blanks and case do not matter', async () => {
    const [row] = await rowsOf(put('人员编号, PSN_NAME ,性别\n1,样例甲,1\n'));
    expect(row).toEqual({
      rowNumber: 2,
      raw: { psn_no: '1', psn_name: '样例甲', gend: '1' },
      cells: ['1', '样例甲', '1'],
    });
  });

  test('a map decides, and leaves out what it does not name', async () => {
    const map = parseColumnMap('m', '{"psn_no": "AAC001", "psn_name": "AAC003"}', person);
    const [row] = await rowsOf(put('AAC001,AAC003,AKC087\n1,样例甲,x\n', { map }));
    expect(row?.raw).toEqual({ psn_no: '1', psn_name: '样例甲' });
    expect(() => parseColumnMap('m', '{"psn_noo": "AAC001"}', person)).toThrow(/TB1505/);
    expect(() => parseColumnMap('m', '[]', person)).toThrow(/TB1505/);
    expect(() => parseColumnMap('m', '{', person)).toThrow(/TB1505/);
  });

  test('an unknown column is named with the nearest right one', async () => {
    await expect(rowsOf(put('psn_no,psn_nmae\n1,2\n'))).rejects.toMatchObject({
      code: 'TB1503',
      parameters: { column: 'psn_nmae', nearest: 'psn_name' },
    });
  });

  test('a file without header is refused, and its values are not repeated', async () => {
    const file = put('43008812345678901234,01,990101199001010019,样例甲\n');
    const error = await rowsOf(file).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'TB1502' });
    expect(String(error)).not.toMatch(/9901|样例/);
    await expect(rowsOf(put(''))).rejects.toMatchObject({ code: 'TB1502' });
  });

  test('one field in two columns is refused', async () => {
    await expect(rowsOf(put('psn_no,人员编号\n1,2\n'))).rejects.toMatchObject({ code: 'TB1504' });
  });

  test('an identity column outside persons reaches the rows, so that each is refused by N01', async () => {
    const [row] = await rowsOf(put('psn_no,certno\n1,x\n', { entity: enrolment }));
    expect(row?.raw).toEqual({ psn_no: '1', certno: 'x' });
  });

  test('a file that is not there', async () => {
    await expect(rowsOf({ ...put(''), path: join(folder, 'none') })).rejects.toMatchObject({
      code: 'TB1003',
    });
  });
});

describe('cut and joined rows', () => {
  test('they are rows without values and with their number; the others are read', async () => {
    const rows = await rowsOf(put('psn_no,psn_name,gend\n1,a,1\n\n2,b\n3,c,1,extra\n4,d,1\n5,e'));
    expect(rows.map((row) => [row.rowNumber, row.raw?.['psn_no']])).toEqual([
      [2, '1'],
      [4, undefined],
      [5, undefined],
      [6, '4'],
      [7, undefined],
    ]);
  });

  test('a cut last line of NDJSON is a row without values', async () => {
    const rows = await rowsOf(put('{"psn_no":"1"}\n[1]\n\n{"psn_no":"2"', {}, 'ndjson'));
    expect(rows.map((row) => [row.rowNumber, row.raw?.['psn_no']])).toEqual([
      [1, '1'],
      [2, undefined],
      [4, undefined],
    ]);
  });

  test('large files come in batches that know how far they are', async () => {
    const lines = Array.from({ length: 2_500 }, (_unused, i) => `${i},x`).join('\n');
    const batches = await collect(readRows(put(`psn_no,psn_name\n${lines}\n`)));
    expect(batches.map((batch) => batch.rows.length)).toEqual([1_000, 1_000, 500]);
    const last = batches.at(-1);
    expect(last?.bytesRead).toBe(last?.bytesTotal);
  });
});

test('cells that a spreadsheet would change come back as they were', async () => {
  const cells = [
    '=1+1',
    '+8612',
    '-x',
    '@a',
    "'q",
    '0012',
    '43008812345678901234',
    '-5.20',
    '12.50',
    '2016-01-02',
    'a"b,c',
  ];
  const quoted = cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  const names = person.fields.slice(0, cells.length).map((field) => field.name);
  const [row] = await rowsOf(put(`${names.join(',')}\n${quoted.join(',')}\n`));
  if (row === undefined) throw new Error('no row');
  const path = join(folder, 'guarded.csv');
  const rejects = new RejectFile(path, person);
  rejects.write(names, row, [{ rule: 'F02', field: 'psn_no', severity: 'reject' }]);
  rejects.close();
  const text = readFileSync(path, 'utf8').split('\r\n')[1] ?? '';
  expect(text).toContain("'=1+1,'+8612,'-x,'@a,''q,'0012,'43008812345678901234,-5.20,12.50,2016-01-02");
  const [back] = await rowsOf(put(readFileSync(path)));
  expect(back?.raw).toEqual(row.raw);
});
