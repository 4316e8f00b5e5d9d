import { assert } from '../base/assert.ts';
import { equal } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import type { Statement } from '../store/database.ts';
import type { Batch, LogName, Position } from './batch.ts';
import { openCheckpoint } from './checkpoint.ts';
import { decompress } from './compression.ts';
import type { VerifierKey } from './keys.ts';
import { LogNodes } from './log-nodes.ts';
import type { LogStore } from './log-store.ts';
import { type NodeCollector, NodeTable } from './node-table.ts';
import { rootAt } from './proof.ts';
import { RightEdge } from './right-edge.ts';

/** Why a batch was not taken; the position is unchanged. */
export type CopyRefusal =
  | 'malformed'
  | 'limit'
  | 'gap'
  | 'overlap'
  | 'root'
  | 'signature'
  | 'fork'
  | 'fenced'
  | 'storage';

export type Staged =
  | { readonly kind: 'staged' }
  /** Received before: nothing to store, and the same answer as then (I6). */
  | { readonly kind: 'known' }
  | { readonly kind: 'refused'; readonly code: CopyRefusal; readonly text: string };

interface Pending {
  readonly batch: Batch;
  readonly end: number;
  readonly root: Uint8Array;
  readonly edge: RightEdge;
  readonly nodes: NodeCollector;
}

/** Contradictions kept of one log: the first ones prove all that officers need. */
const evidenceMax = 100;

export interface CopyBounds {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

/**
 * Another site's log as this site holds it. `stage` proves a batch against the right edge and the origin's
 * signature; `flush` stores what was staged, in the caller's transaction, so that many batches share one
 * fsync. Position, entries and checkpoint move together, by compare-and-swap on (size, fence) (I3, I4, I8).
 */
export class Copy {
  readonly name: LogName;
  readonly #store: LogStore;
  readonly #clock: Clock;
  readonly #id: number;
  readonly #nodes: NodeTable;
  readonly #move: Statement;
  readonly #insert: Statement;
  #pending: Pending[] = [];
  #durable: RightEdge;
  #fence: number;

  constructor(store: LogStore, name: LogName, clock: Clock) {
    const state = store.ensure(name);
    this.name = name;
    this.#store = store;
    this.#clock = clock;
    this.#id = state.id;
    this.#nodes = new NodeTable(store.database, state.id);
    this.#durable = RightEdge.from(state.signed, state.edge);
    this.#fence = state.fence;
    this.#move = store.database.prepare(
      `UPDATE log SET size = ?, signed = ?, edge = ?, newest_ms = ?
       WHERE log_id = ? AND size = ? AND fence = ?`,
    );
    this.#insert = store.database.prepare(
      `INSERT INTO segment (log_id, first, "end", compression, entries, root, checkpoint)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  /** What is on the disk: never what is only staged (I3). */
  position(): Position {
    return { size: this.#durable.size, root: this.#durable.root() };
  }

  /** Begins a session and fences the older one; batches that it staged are still true and may be flushed. */
  fence(): number {
    const row = this.#store.database
      .prepare<{ fence: number; signed: number; edge: Uint8Array }>(
        'UPDATE log SET fence = fence + 1 WHERE log_id = ? RETURNING fence, signed, edge',
      )
      .get(this.#id);
    assert(row, 'the log has its row');
    this.#fence = row.fence;
    // Another writer may have moved the log: a session begins with what is on the disk.
    this.#durable = RightEdge.from(row.signed, row.edge);
    return row.fence;
  }

  stage(batch: Batch, fence: number, verifier: VerifierKey, bounds: CopyBounds): Staged {
    if (fence !== this.#fence) return refused('fenced', 'a newer session holds this log');
    const held = this.#pending.at(-1)?.edge ?? this.#durable;
    const end = batch.first + batch.count;
    if (batch.first > held.size) return refused('gap', `first ${batch.first}, position ${held.size}`);
    if (batch.first < held.size) return this.#again(batch, end, held.size, verifier);
    if (batch.count > bounds.entriesMax) return refused('limit', `${batch.count} entries`);
    try {
      return this.#prove(batch, end, held, verifier, bounds);
    } catch (error) {
      if (error instanceof Fault) return refused(refusalOf(error), error.message);
      throw error;
    }
  }

  /** Stores what is staged. Call it inside a transaction; `settle` or `discard` must follow. */
  flush(nowMs: number): boolean {
    let size = this.#durable.size;
    for (const { batch, end, root, edge, nodes } of this.#pending) {
      const moved = this.#move.run(end, end, edge.toBytes(), nowMs, this.#id, size, this.#fence);
      if (moved.changes !== 1) return false;
      this.#insert.run(this.#id, batch.first, end, batch.compression, batch.entries, root, batch.checkpoint);
      nodes.store();
      size = end;
    }
    return true;
  }

  /** After the commit: what was staged is durable. Returns the newest checkpoint, to be cosigned. */
  settle(): Uint8Array | undefined {
    const last = this.#pending.at(-1);
    this.#pending = [];
    if (!last) return undefined;
    this.#durable = last.edge;
    return last.batch.checkpoint;
  }

  /** After a failed commit: nothing of it is held. */
  discard(): void {
    this.#pending = [];
  }

  #prove(batch: Batch, end: number, held: RightEdge, verifier: VerifierKey, bounds: CopyBounds): Staged {
    const checkpoint = openCheckpoint(batch.checkpoint, verifier);
    if (checkpoint.origin !== verifier.name) return refused('signature', 'the checkpoint names another log');
    if (checkpoint.size !== end) {
      return refused('root', `the checkpoint is of size ${checkpoint.size}, the batch ends at ${end}`);
    }
    const bundle = decompress(batch.compression, batch.entries, bounds.bytesMax);
    const edge = held.clone();
    const nodes = this.#nodes.collector();
    edge.appendBundle(bundle, batch.count, nodes.add);
    if (!equal(edge.root(), checkpoint.root)) {
      return refused('root', `the entries up to ${end} give another root`);
    }
    this.#pending.push({ batch, end, root: checkpoint.root, edge, nodes });
    return { kind: 'staged' };
  }

  /** A batch that begins below the position: a repetition, an overlap, or a contradiction. */
  #again(batch: Batch, end: number, size: number, verifier: VerifierKey): Staged {
    if (end > size) return refused('overlap', `entries ${batch.first} to ${end}, position ${size}`);
    try {
      const checkpoint = openCheckpoint(batch.checkpoint, verifier);
      const root = checkpoint.size === end ? this.#rootAt(end) : undefined;
      if (root && !equal(checkpoint.root, root)) {
        this.keepEvidence(end, batch.checkpoint, 'another root at a size that is held');
        return refused('fork', `another root at size ${end}`);
      }
      return { kind: 'known' };
    } catch (error) {
      if (error instanceof Fault) return refused(refusalOf(error), error.message);
      throw error;
    }
  }

  /** The root at any size that is held; undefined inside what is only staged. */
  #rootAt(size: number): Uint8Array | undefined {
    const staged = this.#pending.find(({ end }) => end === size) ?? this.#store.segmentEnding(this.#id, size);
    if (staged) return staged.root;
    const state = size <= this.#durable.size ? this.#store.find(this.name) : undefined;
    return state && rootAt(size, new LogNodes(this.#store, state));
  }

  /** A signed contradiction is kept for the officers, never acted upon. */
  keepEvidence(size: number, checkpoint: Uint8Array, reason: string): void {
    const { database } = this.#store;
    database.transaction(() => {
      database
        .prepare(
          `INSERT INTO evidence (log_id, size, checkpoint, reason, received_ms)
           SELECT ?, ?, ?, ?, ?
           WHERE (SELECT count(*) FROM evidence WHERE log_id = ?) < ? ON CONFLICT DO NOTHING`,
        )
        .run(this.#id, size, checkpoint, reason, this.#clock.nowMs(), this.#id, evidenceMax);
    });
  }
}

function refused(code: CopyRefusal, text: string): Staged {
  return { kind: 'refused', code, text };
}

/** The pure parts of core/log say what is wrong by code; a peer hears it as a refusal. */
function refusalOf(error: Fault): CopyRefusal {
  switch (error.code) {
    case 'TB1406':
    case 'TB1407':
    case 'TB1409':
      return 'signature';
    case 'TB1404':
      return 'limit';
    case 'TB1105':
    case 'TB1106':
      return 'storage';
    default:
      return 'malformed';
  }
}
