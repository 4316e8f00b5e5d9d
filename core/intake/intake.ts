import { assert } from '../base/assert.ts';
import { equal } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { Fault, fault } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { encodeBundle } from '../log/bundle.ts';
import type { ChangeLog } from '../log/change-log.ts';
import { withVersion } from '../records/body.ts';
import type { Dataset } from '../records/dataset.ts';
import { encodeEntry, saltBytes } from '../records/entry.ts';
import {
  type Prepared,
  prepareRow,
  type Raw,
  type Rejected,
  type RowContext,
} from '../records/prepare-row.ts';
import type { Finding } from '../records/rule.ts';
import type { Database } from '../store/database.ts';
import { RecordTables } from './record-table.ts';

/** Limits of one call, with their reasons (I7). */
export const intakeLimits = {
  /**
   * Rows of one transaction: above a few thousand the fsync no longer matters, and a refusal repeats less.
   */
  rows: 5_000,
  /** Bytes of one call: what the process holds of it at a time. */
  bytes: 4 * 1024 * 1024,
  /** Keys of a file that are compared with each other: about 200 MB of memory for the largest county. */
  seenKeys: 1_000_000,
} as const;

export interface NumberedRow {
  /** Line of the file, from 1. */
  readonly row: number;
  readonly raw: Raw;
}

export interface RowFinding extends Finding {
  readonly row: number;
}

export interface IntakeResult {
  readonly accepted: number;
  readonly unchanged: number;
  readonly findings: readonly RowFinding[];
  readonly logSize: number;
}

export interface IntakeOptions {
  readonly entity: string | undefined;
  readonly context: RowContext;
  readonly dryRun: boolean;
  /**
   * Keys of the file so far: which of two contradicting rows is right is for a person to say, not for their
   * order.
   */
  readonly seen?: SeenKeys;
}

/** What a file has said so far, by key; it stops learning at its limit. */
export class SeenKeys {
  readonly #hashes = new Map<string, string>();

  /** False when the file has said something else about this key before. */
  agrees(key: string, contentHash: Uint8Array): boolean {
    const hash = Buffer.from(contentHash.subarray(0, 12)).toString('latin1');
    const before = this.#hashes.get(key);
    if (before !== undefined) return before === hash;
    if (this.#hashes.size < intakeLimits.seenKeys) this.#hashes.set(key, hash);
    return true;
  }
}

/**
 * The one way a row comes in: validated, encoded, and stored with its log entry in one transaction (I1). A
 * row that says what is stored already changes nothing, so a file may be loaded again after any interruption.
 */
export class Intake {
  readonly dataset: Dataset;
  readonly #database: Database;
  readonly #log: ChangeLog;
  readonly #tables: RecordTables;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(database: Database, dataset: Dataset, log: ChangeLog, clock: Clock, random: Random) {
    this.dataset = dataset;
    this.#database = database;
    this.#log = log;
    this.#tables = new RecordTables(database, dataset);
    this.#clock = clock;
    this.#random = random;
  }

  get tables(): RecordTables {
    return this.#tables;
  }

  /** All good rows or, when storing fails, none of them. A bad row never stops the others. */
  put(rows: readonly NumberedRow[], { entity, context, dryRun, seen }: IntakeOptions): IntakeResult {
    if (rows.length > intakeLimits.rows)
      throw fault('TB1552', { rows: rows.length, rowsMax: intakeLimits.rows });
    const findings: RowFinding[] = [];
    const prepared: Prepared[] = [];
    for (const { row, raw } of rows) {
      const result = this.#prepare(raw, entity, context);
      const found = result.accepted ? result.warnings : result.findings;
      for (const finding of found) findings.push({ ...finding, row });
      if (!result.accepted) continue;
      if (seen?.agrees(result.key, result.contentHash) === false) {
        findings.push({ rule: 'F07', field: '', severity: 'reject', row });
      } else prepared.push(result);
    }
    const { accepted, unchanged } = dryRun ? this.#would(prepared) : this.#store(prepared);
    return { accepted, unchanged, findings, logSize: this.#log.size };
  }

  /** Voids rows by key; history stays in the log. Returns how many there were. */
  void(keys: readonly string[]): number {
    return this.#database.transaction(() => {
      const entries: Uint8Array[] = [];
      for (const key of keys) {
        const { table, values } = this.#tables.at(key);
        if (!table.find(values)) continue;
        table.delete(values);
        entries.push(this.#entry(key, 'delete', new Uint8Array()));
      }
      if (entries.length > 0) this.#log.append(encodeBundle(entries), entries.length);
      return entries.length;
    });
  }

  /** What several calls store, all of it or nothing: also of other datasets in the same database. */
  together<T>(
    work: () => T extends PromiseLike<unknown> ? never : T,
  ): T extends PromiseLike<unknown> ? never : T {
    return this.#database.transaction(work);
  }

  /** Entries of the log from `from` on, signed or not yet, at most about `limit`. */
  entries(from: number, limit: number): Buffer[] {
    return this.#log.entries(from, limit);
  }

  /** A row that does not say its kind, or says a wrong one, is refused like any other and stops none. */
  #prepare(raw: Raw, entity: string | undefined, context: RowContext): Prepared | Rejected {
    try {
      return prepareRow(this.dataset, entity, raw, context);
    } catch (error) {
      const isKind = error instanceof Fault && error.code === 'TB1506' && entity === undefined;
      if (!isKind) throw error;
      const rule = raw['entity'] === undefined ? 'F01' : 'F04';
      return { accepted: false, findings: [{ rule, field: 'entity', severity: 'reject' }] };
    }
  }

  #store(rows: readonly Prepared[]): { accepted: number; unchanged: number } {
    if (rows.length === 0) return { accepted: 0, unchanged: 0 };
    return this.#database.transaction(() => {
      const entries: Uint8Array[] = [];
      const first = this.#log.size;
      for (const row of rows) {
        const { table, values } = this.#tables.at(row.key);
        const held = table.find(values);
        if (held && isSame(held.contentHash, row.contentHash)) continue;
        const body = withVersion(row.body, (held?.ver ?? 0) + 1);
        const stored = table.upsert(values, body, first + entries.length, row.contentHash);
        assert(stored, 'a prepared row has the key that it was prepared with');
        entries.push(this.#entry(row.key, 'upsert', body));
      }
      for (const part of portions(entries)) this.#log.append(encodeBundle(part), part.length);
      assert(this.#log.size === first + entries.length, 'the log grew by what was appended');
      return { accepted: entries.length, unchanged: rows.length - entries.length };
    });
  }

  #would(rows: readonly Prepared[]): { accepted: number; unchanged: number } {
    let unchanged = 0;
    for (const row of rows) {
      const { table, values } = this.#tables.at(row.key);
      if (isSame(table.find(values)?.contentHash, row.contentHash)) unchanged += 1;
    }
    return { accepted: rows.length - unchanged, unchanged };
  }

  #entry(key: string, operation: 'upsert' | 'delete', body: Uint8Array): Uint8Array {
    return encodeEntry({
      key,
      operation,
      recordedAtMs: this.#clock.nowMs(),
      schemaVersion: this.dataset.schemaVersion,
      body,
      salt: this.dataset.identity ? this.#random.bytes(saltBytes) : new Uint8Array(),
    });
  }
}

/** One line each of NDJSON; a line that is no JSON object is a finding of its own (F06). */
export function parseLines(
  bytes: Uint8Array,
  firstRow: number,
): { rows: NumberedRow[]; findings: RowFinding[] } {
  if (bytes.length > intakeLimits.bytes)
    throw fault('TB1553', { bytes: bytes.length, bytesMax: intakeLimits.bytes });
  const rows: NumberedRow[] = [];
  const findings: RowFinding[] = [];
  let row = firstRow - 1;
  for (const line of decodeUtf8(bytes).split('\n')) {
    row += 1;
    if (line.trim() === '') continue;
    const raw = parseObject(line);
    if (raw) rows.push({ row, raw });
    else findings.push({ row, rule: 'F06', field: '', severity: 'reject' });
  }
  return { rows, findings };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw fault('TB1554', {}, error);
  }
}

function parseObject(line: string): Raw | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : undefined;
  } catch (error) {
    if (error instanceof Fault) throw error;
    return undefined;
  }
}

function isSame(held: Uint8Array | null | undefined, hash: Uint8Array): boolean {
  return held !== null && held !== undefined && equal(held, hash);
}

/** Tail rows small enough that a cut can always take whole ones. */
function* portions(entries: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  const bytesMax = 1024 * 1024;
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < entries.length; i += 1) {
    bytes += entries[i]?.length ?? 0;
    if (bytes < bytesMax && i + 1 < entries.length) continue;
    yield entries.slice(from, i + 1);
    from = i + 1;
    bytes = 0;
  }
}
