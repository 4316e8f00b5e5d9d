import { equal } from '../base/bytes.ts';
import { Fault } from '../base/errors.ts';
import type { Compression } from './batch.ts';
import { forEachEntry } from './bundle.ts';
import { openCheckpoint } from './checkpoint.ts';
import { decompress } from './compression.ts';
import type { VerifierKey } from './keys.ts';
import { bundleBytesMax, type LogState, type LogStore, type Segment } from './log-store.ts';
import { NodeTable } from './node-table.ts';
import { RightEdge } from './right-edge.ts';

export interface LogVerdict {
  /** Entries that were hashed again and fit, tail included. */
  readonly size: number;
  /** Entries under the newest checkpoint. */
  readonly signed: number;
  /** Root at `signed`, of what is on the disk. */
  readonly root: Uint8Array;
  /** The first entry that does not fit, and why; undefined when all do. */
  readonly bad: { readonly index: number; readonly reason: string } | undefined;
}

/** Sees every entry in order; for counting what is on the disk. */
export type EntryVisitor = (entry: Buffer, index: number) => void;

/**
 * Reads a log from the disk as if for the first time: every entry hashed, every root and signature checked,
 * no stored hash trusted. A damaged place is found to within 256 entries by the stored subtree roots.
 */
export function verifyLog(
  store: LogStore,
  state: LogState,
  verifier: VerifierKey,
  visit: EntryVisitor | undefined,
  progress: (size: number) => void,
): LogVerdict {
  const edge = RightEdge.empty();
  const nodes = new NodeTable(store.database, state.id);
  let bad: LogVerdict['bad'];
  while (edge.size < state.signed && !bad) {
    bad = verifySegment(store, state, edge, verifier, nodes, visit);
    progress(edge.size);
  }
  const root = edge.root();
  if (!bad && !equal(edge.toBytes(), state.edge)) {
    bad = { index: edge.size, reason: 'the stored right edge is not that of the entries' };
  }
  const size = bad ? edge.size : verifyTail(store, state, edge.size, visit);
  if (!bad && size !== state.size) bad = { index: size, reason: `the log says ${state.size} entries` };
  return { size, signed: edge.size, root, bad };
}

function verifySegment(
  store: LogStore,
  state: LogState,
  edge: RightEdge,
  verifier: VerifierKey,
  nodes: NodeTable,
  visit: EntryVisitor | undefined,
): LogVerdict['bad'] {
  const first = edge.size;
  try {
    const segment = store.segmentAt(state.id, first);
    if (segment?.first !== first) return { index: first, reason: 'the entries are missing' };
    const bundle = decompress(segment.compression, segment.entries, bundleBytesMax);
    if (visit) visitEntries(bundle, first, visit);
    let bad: LogVerdict['bad'];
    edge.appendBundle(bundle, segment.count, (level, index, hash) => {
      const stored = nodes.read(level, index);
      if (stored && Buffer.from(stored).toString('latin1') === hash) return;
      const reason =
        level === 8
          ? 'an entry differs from what was received'
          : 'a stored subtree root is not that of the entries';
      bad ??= { index: Math.max(first, index * 2 ** level), reason };
    });
    return bad ?? verifyCheckpoint(segment, edge, verifier);
  } catch (error) {
    if (error instanceof Fault) return { index: first, reason: error.code };
    if (isDamage(error)) return { index: first, reason: 'the database page is damaged' };
    throw error;
  }
}

function verifyCheckpoint(segment: Segment, edge: RightEdge, verifier: VerifierKey): LogVerdict['bad'] {
  const checkpoint = openCheckpoint(segment.checkpoint, verifier);
  const fits = checkpoint.origin === verifier.name && checkpoint.size === segment.end;
  if (!fits) return { index: segment.first, reason: 'the checkpoint is of another log or size' };
  const root = edge.root();
  if (!equal(checkpoint.root, root)) {
    // All full subtrees agree with what was received, so the difference lies after the last of them.
    const index = Math.max(segment.first, segment.end - (segment.end % 256));
    return {
      index: index < segment.end ? index : segment.first,
      reason: 'the entries do not give the signed root',
    };
  }
  if (equal(segment.root, root)) return undefined;
  return { index: segment.first, reason: 'the stored root is not that of the entries' };
}

function verifyTail(store: LogStore, state: LogState, from: number, visit: EntryVisitor | undefined): number {
  let size = from;
  const rows = store.database.prepare<TailRow>(
    'SELECT first, "end", compression, entries FROM tail WHERE log_id = ? ORDER BY first',
  );
  for (const row of rows.iterate(state.id)) {
    if (row.first !== size || countRow(row, visit) !== row.end - row.first) return size;
    size = row.end;
  }
  return size;
}

interface TailRow {
  first: number;
  end: number;
  compression: Compression;
  entries: Uint8Array;
}

/** How many entries a row of the tail holds; undefined when it can't be read. */
function countRow(row: TailRow, visit: EntryVisitor | undefined): number | undefined {
  try {
    return visitEntries(decompress(row.compression, row.entries, bundleBytesMax), row.first, visit);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function visitEntries(bundle: Buffer, first: number, visit: EntryVisitor | undefined): number {
  let count = 0;
  forEachEntry(bundle, (start, end) => {
    visit?.(bundle.subarray(start, end), first + count);
    count += 1;
  });
  return count;
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CORRUPT');
}
