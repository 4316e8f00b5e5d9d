import { assert } from '../base/assert.ts';
import { equal } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import type { Statement } from '../store/database.ts';
import { type BatchBounds, batchBytesMax, batchEntriesMax, type LogName, printLog } from './batch.ts';
import { decodeBundle } from './bundle.ts';
import { signCheckpoint } from './checkpoint.ts';
import { compress, decompress } from './compression.ts';
import type { SignerKey } from './keys.ts';
import { bundleBytesMax, type LogStore } from './log-store.ts';
import { NodeTable } from './node-table.ts';
import { RightEdge } from './right-edge.ts';

/**
 * The log that this site writes. Entries are appended in the transaction of the rows they describe (I1) and
 * stay in the tail until somebody wants them; then a cut turns the oldest of them into a segment: hashed,
 * compressed and signed once, durable before anyone sees it (I2), and never signed again otherwise (I4).
 */
export class ChangeLog {
  readonly name: LogName;
  readonly originLine: string;
  readonly #store: LogStore;
  readonly #id: number;
  readonly #signer: SignerKey;
  readonly #clock: Clock;
  readonly #nodes: NodeTable;
  readonly #grow: Statement<{ size: number }>;
  readonly #addTail: Statement;
  readonly #readTail: Statement<{ end: number; entries: Uint8Array }>;
  #edge: RightEdge;

  /** `signer.name` is the origin line. Throws TB1440 when the stored edge contradicts what was signed. */
  constructor(store: LogStore, name: LogName, signer: SignerKey, clock: Clock) {
    const state = store.ensure(name);
    const { database } = store;
    this.name = name;
    this.originLine = signer.name;
    this.#store = store;
    this.#id = state.id;
    this.#signer = signer;
    this.#clock = clock;
    this.#nodes = new NodeTable(database, state.id);
    this.#grow = database.prepare<{ size: number }>(
      'UPDATE log SET size = size + ?, newest_ms = ? WHERE log_id = ? RETURNING size',
    );
    this.#addTail = database.prepare('INSERT INTO tail (log_id, first, "end", entries) VALUES (?, ?, ?, ?)');
    this.#readTail = database.prepare<{ end: number; entries: Uint8Array }>(
      'SELECT "end", entries FROM tail WHERE log_id = ? ORDER BY first',
    );
    this.#edge = RightEdge.from(state.signed, state.edge);
    const newest = store.newestSegment(state.id);
    const agrees = newest
      ? newest.end === state.signed && equal(newest.root, this.#edge.root())
      : state.signed === 0;
    if (!agrees) throw fault('TB1440', { log: printLog(name), size: newest?.end ?? state.signed });
  }

  get id(): number {
    return this.#id;
  }

  get size(): number {
    return this.#store.find(this.name)?.size ?? 0;
  }

  /**
   * Adds a bundle of `count` entries, at most a batch: a cut takes whole ones. Call it inside the transaction
   * that writes the rows.
   */
  append(bundle: Uint8Array, count: number): { readonly first: number; readonly end: number } {
    const fits = count > 0 && count <= batchEntriesMax && bundle.length <= batchBytesMax;
    assert(fits, `${count} entries in ${bundle.length} bytes are no batch`);
    const row = this.#grow.get(count, this.#clock.nowMs(), this.#id);
    assert(row, 'the log has its row');
    const first = row.size - count;
    this.#addTail.run(this.#id, first, row.size, bundle);
    return { first, end: row.size };
  }

  /** Entry bytes from `from` on, tail included; at most `limit`, fewer at the end of a stored run. */
  entries(from: number, limit: number): Buffer[] {
    const segment = this.#store.segmentAt(this.#id, from);
    const run = segment
      ? { first: segment.first, bundle: decompress(segment.compression, segment.entries, bundleBytesMax) }
      : this.#tailAt(from);
    return run ? decodeBundle(run.bundle).slice(from - run.first, from - run.first + limit) : [];
  }

  #tailAt(index: number): { readonly first: number; readonly bundle: Uint8Array } | undefined {
    return this.#store.database
      .prepare<{ first: number; bundle: Uint8Array }>(
        'SELECT first, entries AS bundle FROM tail WHERE log_id = ? AND first <= ? AND "end" > ?',
      )
      .get(this.#id, index, index);
  }

  /** Signs the oldest part of the tail, within bounds; false when there is nothing to sign. */
  cut(bounds: BatchBounds): boolean {
    const bundles: Uint8Array[] = [];
    let bytes = 0;
    let end = this.#edge.size;
    for (const row of this.#readTail.iterate(this.#id)) {
      const count = row.end - this.#edge.size;
      const fits = count <= bounds.entriesMax && bytes + row.entries.length <= bounds.bytesMax;
      if (bundles.length > 0 && !fits) break;
      bundles.push(row.entries);
      bytes += row.entries.length;
      end = row.end;
    }
    if (end === this.#edge.size) return false;
    this.#seal(Buffer.concat(bundles), end);
    return true;
  }

  #seal(bundle: Buffer, end: number): void {
    const first = this.#edge.size;
    const packed = compress(bundle);
    const edge = this.#edge.clone();
    // From here on the bundle is scratch: hashing overwrites its length bytes.
    const nodes = this.#nodes.collector();
    edge.appendBundle(bundle, end - first, nodes.add);
    const root = edge.root();
    const checkpoint = signCheckpoint({ origin: this.originLine, size: end, root }, this.#signer);
    const { database } = this.#store;
    database.transaction(() => {
      const moved = database
        .prepare('UPDATE log SET signed = ?, edge = ? WHERE log_id = ? AND signed = ?')
        .run(end, edge.toBytes(), this.#id, first);
      assert(moved.changes === 1, 'only this object signs this log');
      database
        .prepare(
          `INSERT INTO segment (log_id, first, "end", compression, entries, root, checkpoint)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(this.#id, first, end, packed.compression, packed.bytes, root, checkpoint);
      nodes.store();
      database.prepare('DELETE FROM tail WHERE log_id = ? AND first < ?').run(this.#id, end);
    });
    // Only now: after a failed commit the old edge still tells the truth.
    this.#edge = edge;
  }
}
