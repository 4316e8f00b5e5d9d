import { assert } from '../base/assert.ts';
import { equal } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import type { Statement } from '../store/database.ts';
import {
  type BatchBounds,
  batchBytesMax,
  batchEntriesMax,
  type Compression,
  type LogName,
  printLog,
} from './batch.ts';
import { decodeBundle } from './bundle.ts';
import { signCheckpoint } from './checkpoint.ts';
import { type Compressed, compress, decompress } from './compression.ts';
import type { SignerKey } from './keys.ts';
import { bundleBytesMax, type LogStore } from './log-store.ts';
import { type NodeCollector, NodeTable } from './node-table.ts';
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
  readonly #readTail: Statement<TailRow>;
  readonly #tailAt: Statement<TailRow>;
  readonly #dropTail: Statement;
  readonly #move: Statement;
  readonly #addSegment: Statement;
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
    this.#addTail = database.prepare(
      'INSERT INTO tail (log_id, first, "end", compression, entries, bytes) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#readTail = database.prepare('SELECT * FROM tail WHERE log_id = ? ORDER BY first');
    this.#tailAt = database.prepare('SELECT * FROM tail WHERE log_id = ? AND first <= ? AND "end" > ?');
    this.#dropTail = database.prepare('DELETE FROM tail WHERE log_id = ? AND first < ?');
    this.#move = database.prepare('UPDATE log SET signed = ?, edge = ? WHERE log_id = ? AND signed = ?');
    this.#addSegment = database.prepare(
      `INSERT INTO segment (log_id, first, "end", compression, entries, root, checkpoint)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#edge = RightEdge.from(state.signed, state.edge);
    const newest = store.newestCheckpoint(state.id);
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
    const { compression, bytes } = compress(bundle);
    this.#addTail.run(this.#id, first, row.size, compression, bytes, bundle.length);
    return { first, end: row.size };
  }

  /** Entry bytes from `from` on, tail included; at most `limit`, fewer at the end of a stored run. */
  entries(from: number, limit: number): Buffer[] {
    const run = this.#store.segmentAt(this.#id, from) ?? this.#tailAt.get(this.#id, from, from);
    if (!run) return [];
    const bundle = decompress(run.compression, run.entries, bundleBytesMax);
    return decodeBundle(bundle).slice(from - run.first, from - run.first + limit);
  }

  /**
   * Signs the oldest part of the tail: a segment within bounds, or some, since they share one fsync.
   * False when there is nothing to sign.
   */
  cut(bounds: BatchBounds): boolean {
    const sealed: Sealed[] = [];
    let edge = this.#edge;
    for (const bundles of this.#groups(bounds)) {
      const segment = this.#seal(
        edge,
        Buffer.concat(bundles.map(({ bundle }) => bundle)),
        bundles.at(-1)?.end,
      );
      sealed.push(segment);
      edge = segment.edge;
    }
    if (sealed.length === 0) return false;
    this.#store.database.transaction(() => this.#keep(sealed));
    // Only now: after a failed commit the old edge still tells the truth.
    this.#edge = edge;
    return true;
  }

  /** Runs of the tail, oldest first, each within bounds. */
  *#groups(bounds: BatchBounds): Generator<readonly TailBundle[]> {
    let group: TailBundle[] = [];
    let first = this.#edge.size;
    let bytes = 0;
    let groups = 0;
    for (const row of this.#readTail.iterate(this.#id)) {
      const fits = row.end - first <= bounds.entriesMax && bytes + row.bytes <= bounds.bytesMax;
      if (group.length > 0 && !fits) {
        yield group;
        groups += 1;
        if (groups === segmentsOfCut) return;
        first = group.at(-1)?.end ?? first;
        group = [];
        bytes = 0;
      }
      group.push({ end: row.end, bundle: decompress(row.compression, row.entries, bundleBytesMax) });
      bytes += row.bytes;
    }
    if (group.length > 0) yield group;
  }

  #seal(from: RightEdge, bundle: Buffer, end: number | undefined): Sealed {
    assert(end !== undefined, 'a group of the tail has an end');
    const packed = compress(bundle);
    const edge = from.clone();
    const nodes = this.#nodes.collector();
    edge.appendBundle(bundle, end - from.size, nodes.add);
    const root = edge.root();
    const checkpoint = signCheckpoint({ origin: this.originLine, size: end, root }, this.#signer);
    return { first: from.size, end, packed, root, checkpoint, edge, nodes };
  }

  #keep(sealed: readonly Sealed[]): void {
    for (const { first, end, packed, root, checkpoint, edge, nodes } of sealed) {
      const moved = this.#move.run(end, edge.toBytes(), this.#id, first);
      assert(moved.changes === 1, 'only this object signs this log');
      this.#addSegment.run(this.#id, first, end, packed.compression, packed.bytes, root, checkpoint);
      nodes.store();
      this.#dropTail.run(this.#id, end);
    }
  }
}

interface TailRow {
  first: number;
  end: number;
  compression: Compression;
  entries: Uint8Array;
  /** Of the bundle before compression. */
  bytes: number;
}

interface TailBundle {
  readonly end: number;
  readonly bundle: Uint8Array;
}

interface Sealed {
  readonly first: number;
  readonly end: number;
  readonly packed: Compressed;
  readonly root: Uint8Array;
  readonly checkpoint: Uint8Array;
  readonly edge: RightEdge;
  readonly nodes: NodeCollector;
}

/** Four of 10,000 entries take about 100 ms of the county's time, during which it answers nobody else. */
const segmentsOfCut = 4;
