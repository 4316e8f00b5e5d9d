import { assert } from '../base/assert.ts';
import type { Database, Statement } from '../store/database.ts';
import type { Batch, BatchBounds, Compression, LogName } from './batch.ts';
import { sliceBundle } from './bundle.ts';
import { compress, decompress } from './compression.ts';

export interface LogState {
  readonly id: number;
  readonly name: LogName;
  /** Entries durably held, tail included. */
  readonly size: number;
  /** Entries under the newest checkpoint. */
  readonly signed: number;
  readonly fence: number;
  readonly newestMs: number;
  /** Right edge at `signed`. */
  readonly edge: Uint8Array;
}

export interface Segment extends Batch {
  readonly end: number;
  readonly root: Uint8Array;
}

export interface StoredCheckpoint {
  readonly end: number;
  readonly root: Uint8Array;
  /** The origin's note. */
  readonly checkpoint: Uint8Array;
}

interface LogRow {
  log_id: number;
  origin: string;
  dataset: string;
  size: number;
  signed: number;
  fence: number;
  newest_ms: number;
  edge: Uint8Array;
}

interface SegmentRow {
  first: number;
  end: number;
  compression: Compression;
  entries: Uint8Array;
  root: Uint8Array;
  checkpoint: Uint8Array;
}

/** What one file holds of logs, for reading: states, segments. Writing is ChangeLog's and Copy's. */
export class LogStore {
  static readonly schema = new URL('./log.sql', import.meta.url);
  readonly database: Database;
  readonly #find: Statement<LogRow>;
  readonly #all: Statement<LogRow>;
  readonly #segmentAt: Statement<SegmentRow>;
  readonly #segmentEnding: Statement<SegmentRow>;
  readonly #newest: Statement<StoredCheckpoint>;

  constructor(database: Database) {
    this.database = database;
    this.#find = database.prepare<LogRow>('SELECT * FROM log WHERE origin = ? AND dataset = ?');
    this.#all = database.prepare<LogRow>('SELECT * FROM log ORDER BY origin, dataset');
    const columns = 'first, "end", compression, entries, root, checkpoint';
    this.#segmentAt = database.prepare<SegmentRow>(
      `SELECT ${columns} FROM segment WHERE log_id = ? AND first <= ? ORDER BY first DESC LIMIT 1`,
    );
    this.#segmentEnding = database.prepare<SegmentRow>(
      `SELECT ${columns} FROM segment WHERE log_id = ? AND "end" = ?`,
    );
    this.#newest = database.prepare<StoredCheckpoint>(
      `SELECT "end", root, checkpoint FROM segment WHERE log_id = ? ORDER BY first DESC LIMIT 1`,
    );
  }

  find(name: LogName): LogState | undefined {
    const row = this.#find.get(name.origin, name.dataset);
    return row && stateOf(row);
  }

  all(): LogState[] {
    return this.#all.all().map(stateOf);
  }

  /** The log's row, made empty where there is none. */
  ensure(name: LogName): LogState {
    const found = this.find(name);
    if (found) return found;
    this.database.transaction(() => {
      this.database
        .prepare('INSERT INTO log (origin, dataset) VALUES (?, ?) ON CONFLICT DO NOTHING')
        .run(name.origin, name.dataset);
    });
    const made = this.find(name);
    assert(made, 'a log row that was just made');
    return made;
  }

  /** The segment that holds entry `index`. */
  segmentAt(id: number, index: number): Segment | undefined {
    const row = this.#segmentAt.get(id, index);
    return row && row.end > index ? segmentOf(row) : undefined;
  }

  /** The segment whose checkpoint has this size. */
  segmentEnding(id: number, size: number): Segment | undefined {
    const row = this.#segmentEnding.get(id, size);
    return row && segmentOf(row);
  }

  /** Size, root and note of the newest checkpoint, without the entries under it. */
  newestCheckpoint(id: number): StoredCheckpoint | undefined {
    return this.#newest.get(id);
  }

  /**
   * Entries from `from` on, ending at a checkpoint. A large segment goes out as it is stored; small ones are
   * joined up to the bounds, because a batch costs its receiver a signature check and an fsync.
   */
  readBatch(id: number, from: number, bounds: BatchBounds): Batch | undefined {
    const head = this.segmentAt(id, from);
    if (!head) return undefined;
    if (head.first === from && head.count * 4 >= bounds.entriesMax) return head;
    const parts: Uint8Array[] = [];
    let bytes = 0;
    let last = head;
    for (let next: Segment | undefined = head; next; next = this.segmentAt(id, last.end)) {
      const whole = decompress(next.compression, next.entries, bundleBytesMax);
      const part = next.first < from ? sliceBundle(whole, from - next.first, next.count) : whole;
      const fits = next.end - from <= bounds.entriesMax && bytes + part.length <= bounds.bytesMax;
      if (parts.length > 0 && !fits) break;
      parts.push(part);
      bytes += part.length;
      last = next;
    }
    if (parts.length === 1 && head.first === from) return head;
    const packed = compress(Buffer.concat(parts));
    return {
      first: from,
      count: last.end - from,
      compression: packed.compression,
      entries: packed.bytes,
      checkpoint: last.checkpoint,
    };
  }
}

/** Bytes that a stored segment may unfold to: its origin's largest batch. */
export const bundleBytesMax = 16 * 1024 * 1024;

function stateOf(row: LogRow): LogState {
  return {
    id: row.log_id,
    name: { origin: row.origin, dataset: row.dataset },
    size: row.size,
    signed: row.signed,
    fence: row.fence,
    newestMs: row.newest_ms,
    edge: row.edge,
  };
}

function segmentOf(row: SegmentRow): Segment {
  return { ...row, count: row.end - row.first };
}
