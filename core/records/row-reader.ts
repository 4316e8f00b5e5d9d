import { stat } from 'node:fs/promises';
import { fault } from '../base/errors.ts';
import { type ColumnMap, matchColumns, rejectColumn } from './column-map.ts';
import { readCsv } from './csv-lines.ts';
import type { Entity } from './dataset.ts';
import { readNdjson } from './ndjson-lines.ts';
import type { Raw } from './prepare-row.ts';
import { recordLimits } from './record-limits.ts';
import { checkEncoding, type Encoding, readText } from './text-file.ts';

const jsonColumn = 'json';

export type RowFormat = 'csv' | 'ndjson';

export interface RowFile {
  readonly path: string;
  readonly format: RowFormat;
  readonly encoding: Encoding;
  /** Decides about the columns of a CSV file; NDJSON rows may say their `entity` themselves. */
  readonly entity: Entity;
  readonly map?: ColumnMap;
}

/** A row of a file, readable or not. */
export interface FileRow {
  /** As a spreadsheet counts: the header is row 1. In NDJSON the number of the line. */
  readonly rowNumber: number;
  /** By national field name; undefined when the row is cut, joined or no JSON object (F06). */
  readonly raw: Raw | undefined;
  /** The row as it stands in the file, in the order of `columns`; what a clerk corrects. */
  readonly cells: readonly string[];
}

export interface RowBatch {
  /** Column names of the file (CSV); rows of NDJSON are one column of their text. */
  readonly columns: readonly string[];
  readonly rows: readonly FileRow[];
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

/** By the ending of the name; `.json`, `.jsonl` and `.ndjson` are NDJSON. */
export function formatOf(path: string): RowFormat {
  return /\.(nd)?jsonl?$/i.test(path) ? 'ndjson' : 'csv';
}

/**
 * Rows of a CSV or NDJSON file in batches, in constant memory. What can't be read is a row without `raw`, not
 * an error: one bad row stops no other. Throws before the first batch: TB1003 no such file, TB1501 wrong
 * encoding, TB1502 to TB1504 header.
 */
export async function* readRows(file: RowFile): AsyncGenerator<RowBatch> {
  await checkEncoding(file.path, file.encoding);
  const bytesTotal = (await stat(file.path)).size;
  const progress = { bytesRead: 0 };
  const text = readText(file.path, file.encoding, progress);
  const rows = file.format === 'csv' ? csvRows(file, text) : ndjsonRows(text);
  let columns: readonly string[] = [];
  let batch: FileRow[] = [];
  const take = (): RowBatch => ({ columns, rows: batch, bytesRead: progress.bytesRead, bytesTotal });
  for await (const part of rows) {
    if ('columns' in part) {
      columns = part.columns;
      continue;
    }
    for (const row of part) {
      batch.push(row);
      if (batch.length < recordLimits.batchRows) continue;
      yield take();
      batch = [];
    }
  }
  if (batch.length > 0) yield take();
}

type Next = { readonly columns: readonly string[] } | readonly FileRow[];

async function* csvRows(file: RowFile, text: AsyncIterable<string>): AsyncGenerator<Next> {
  let header: Header | undefined;
  let rowNumber = 0;
  for await (const records of readCsv(text)) {
    const rows: FileRow[] = [];
    for (const { cells, broken } of records) {
      rowNumber += 1;
      if (header === undefined) {
        header = readHeader(file, cells);
        yield { columns: header.columns };
      } else if (broken || cells.length !== header.columns.length) {
        // An empty line is no row, but it counts as one in a spreadsheet.
        if (broken || cells.some((cell) => cell.trim() !== ''))
          rows.push({ rowNumber, raw: undefined, cells });
      } else {
        const own = header.rejects ? cells.map(unquote) : cells;
        rows.push({ rowNumber, raw: rawOf(own, header), cells: own });
      }
    }
    yield rows;
  }
  if (header === undefined) throw fault('TB1502', { path: file.path, example: file.entity.key.join(',') });
}

interface Header {
  readonly columns: readonly string[];
  readonly names: readonly (string | undefined)[];
  /** The file was written by `RejectFile`. */
  readonly rejects: boolean;
  /** Where the rows of an NDJSON file stand in a file of rejects; -1 otherwise. */
  readonly jsonAt: number;
}

function readHeader(file: RowFile, columns: readonly string[]): Header {
  const rejects = columns.some((column) => rejectColumn.test(column));
  const own = columns.filter((column) => !rejectColumn.test(column));
  if (rejects && own.length === 1 && own[0] === jsonColumn) {
    return { columns, names: [], rejects, jsonAt: columns.indexOf(jsonColumn) };
  }
  return { columns, names: matchColumns(file.path, columns, file.entity, file.map), rejects, jsonAt: -1 };
}

function rawOf(cells: readonly string[], header: Header): Raw | undefined {
  if (header.jsonAt >= 0) return parseObject(cells[header.jsonAt] ?? '');
  const raw: Record<string, unknown> = {};
  for (let i = 0; i < cells.length; i += 1) {
    const name = header.names[i];
    if (name !== undefined) raw[name] = cells[i];
  }
  return raw;
}

/** A file of rejects marks cells that a spreadsheet would change with an apostrophe. */
function unquote(cell: string): string {
  return cell.startsWith("'") ? cell.slice(1) : cell;
}

async function* ndjsonRows(text: AsyncIterable<string>): AsyncGenerator<Next> {
  yield { columns: [jsonColumn] };
  for await (const lines of readNdjson(text)) {
    yield lines.map(({ line, rowNumber }) => ({ rowNumber, raw: parseObject(line), cells: [line] }));
  }
}

function parseObject(line: string): Raw | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : undefined;
  } catch {
    return undefined;
  }
}
