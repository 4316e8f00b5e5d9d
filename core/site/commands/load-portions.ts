import { fault } from '../../base/errors.ts';
import { type FileRow, type RowBatch, readRows } from '../../records/row-reader.ts';
import type { LoadFile } from './load-file.ts';

/** Rows that go in one request: some milliseconds of work, and little to send again (both limits I7). */
const portionRows = 2_000;
const portionBytes = 1024 * 1024;

/** A few rows' worth of the file, as they are sent and as they are found again in the answer. */
export interface Portion {
  readonly columns: readonly string[];
  readonly rows: readonly FileRow[];
  /** Those that could be read, in the order in which they are sent: line i of `lines` is `sent[i]`. */
  readonly sent: readonly FileRow[];
  readonly lines: Buffer;
  /** Bytes of the file up to the end of this portion, and of all of it. */
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

/**
 * Reads ahead no further than its caller asks. Throws TB1018 when interrupted, and what `readRows` throws.
 */
export async function* portionsOf(file: LoadFile, signal: AbortSignal): AsyncGenerator<Portion> {
  for await (const batch of readRows(file)) {
    if (signal.aborted) throw fault('TB1018');
    yield* cut(batch, file);
  }
}

/** A batch of the reader is below `portionRows`; only long rows cut it. */
function* cut(batch: RowBatch, file: LoadFile): Generator<Portion> {
  const { columns, bytesRead, bytesTotal } = batch;
  let rows: FileRow[] = [];
  let sent: FileRow[] = [];
  let lines: Buffer[] = [];
  let bytes = 0;
  const take = (): Portion => {
    const portion = { columns, rows, sent, lines: Buffer.concat(lines), bytesRead, bytesTotal };
    [rows, sent, lines, bytes] = [[], [], [], 0];
    return portion;
  };
  for (const row of batch.rows) {
    const line = row.raw === undefined ? undefined : Buffer.from(`${lineOf(row, file)}\n`);
    const isFull = rows.length >= portionRows || bytes + (line?.length ?? 0) > portionBytes;
    if (isFull && rows.length > 0) yield take();
    rows.push(row);
    if (!line) continue;
    sent.push(row);
    lines.push(line);
    bytes += line.length;
  }
  if (rows.length > 0) yield take();
}

/** NDJSON goes as it stands: a number that went through a double might not. */
function lineOf({ raw, cells }: FileRow, { format }: LoadFile): string {
  return format === 'ndjson' ? (cells[0] ?? '') : JSON.stringify(raw);
}
