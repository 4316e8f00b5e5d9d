import { join } from 'node:path';
import { readCsv } from '../../core/records/csv-lines.ts';
import { type Encoding, readText } from '../../core/records/text-file.ts';

/** A row of a source file by its column names; an absent column or value is an empty text. */
export type SourceRow = (column: string) => string;

/** The text that system A writes for an absent value. */
const absentText = 'NULL';

/** All rows of a CSV file under the data folder; they fit in memory. */
export async function readTable(
  folder: string,
  file: string,
  encoding: Encoding = 'utf-8',
): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  let columns: readonly string[] | undefined;
  for await (const records of readCsv(readText(join(folder, file), encoding, { bytesRead: 0 }))) {
    for (const { cells } of records) {
      if (columns === undefined) columns = cells;
      else rows.push(rowOf(columns, cells));
    }
  }
  return rows;
}

function rowOf(columns: readonly string[], cells: readonly string[]): SourceRow {
  return (column) => {
    const value = cells[columns.indexOf(column)] ?? '';
    return value === absentText ? '' : value;
  };
}

/** System A writes times as `yyyy-mm-ddThh-mi-ss`. */
export function timeOfA(text: string): string {
  return text.replace(/T(\d\d)-(\d\d)-(\d\d)$/, ' $1:$2:$3');
}

export function dateOf(time: string): string {
  return /^\d{8}/.test(time) ? time.slice(0, 8) : time.slice(0, 10);
}
