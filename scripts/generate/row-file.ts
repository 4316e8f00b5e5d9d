import { closeSync, openSync, writeSync } from 'node:fs';
import type { Row } from './scale.ts';

export type RowFormat = 'ndjson' | 'csv';
const flushChars = 1 << 20;

/** Writes rows to a file as they come, in constant memory; answers how many. The file must not exist. */
export function writeRows(path: string, rows: Iterable<Row>, format: RowFormat): number {
  const file = openSync(path, 'wx', 0o600);
  try {
    let buffer = '';
    let count = 0;
    let columns: readonly string[] | undefined;
    for (const row of rows) {
      if (format === 'csv') {
        if (columns === undefined) {
          columns = Object.keys(row);
          buffer += `${columns.join(',')}\n`;
        }
        buffer += `${columns.map((column) => csvCell(row[column] ?? '')).join(',')}\n`;
      } else buffer += `${JSON.stringify(row)}\n`;
      count += 1;
      if (buffer.length >= flushChars) {
        writeSync(file, buffer);
        buffer = '';
      }
    }
    writeSync(file, buffer);
    return count;
  } finally {
    closeSync(file);
  }
}

function csvCell(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
