import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CsvRecord, readCsv } from '../../../core/records/csv-lines.ts';
import { collect } from './collect.ts';

async function* chunks(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function read(text: string, size = 7): Promise<CsvRecord[]> {
  return (await collect(readCsv(chunks(text, size)))).flat();
}

const cell = fc.string({
  maxLength: 12,
  unit: fc.constantFrom('a', '1', ',', '"', '\n', '\r', ' ', '中', '𠀀'),
});
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });

function print(rows: readonly (readonly string[])[], end: string): string {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map(quoted).join(',') + end).join('');
}

describe('CSV', () => {
  test('printed rows read as the same rows, with LF and CRLF, in chunks of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 20 }),
        async (rows, end, size) => {
          const records = await read(print(rows, end), size);
          expect(records.map((record) => record.cells)).toEqual(rows);
          expect(records.some((record) => record.broken)).toBe(false);
        },
      ),
    );
  });

  test('it agrees with csv-parse', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const text = print(rows, '\n');
        const theirs = parse(text, { relax_column_count: true, record_delimiter: ['\n', '\r\n'] });
        expect((await read(text)).map((record) => record.cells)).toEqual(theirs);
      }),
    );
  });

  test('a quote that is never closed costs its own line alone', async () => {
    const records = await read('a,b\n1,"open\n2,x\n3,"y\nz"\n4,w\n');
    const cells = records.map((record) => record.cells);
    expect(cells.at(-1)).toEqual(['4', 'w']);
    expect(records.filter((record) => record.broken).length).toBeGreaterThan(0);
    const alone = await read('a,b\n1,"open\n2,x\n3,y\n');
    expect(alone.map((record) => record.broken)).toEqual([false, true, false, false]);
    expect(alone.slice(2).map((record) => record.cells)).toEqual([
      ['2', 'x'],
      ['3', 'y'],
    ]);
  });

  test('the last line counts without a line end, and an empty text has no row', async () => {
    expect((await read('a,b\n1,2')).map((record) => record.cells)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
    expect(await read('')).toEqual([]);
  });

  test('a line without end is cut at the limit instead of filling the memory', async () => {
    const records = await read('x'.repeat(1_000_000), 65_536);
    expect(Math.max(...records.map((record) => record.cells.join().length))).toBeLessThan(500_000);
  });
});
