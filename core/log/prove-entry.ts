import { fault } from '../base/errors.ts';
import { printLog } from './batch.ts';
import { LogNodes } from './log-nodes.ts';
import type { LogState, LogStore } from './log-store.ts';
import { inclusionPath } from './proof.ts';

/** All that a proof file holds: the entry is number `index` of the log whose checkpoint is `checkpoint`. */
export interface EntryProof {
  readonly entry: Buffer;
  readonly index: number;
  readonly path: readonly Buffer[];
  /** The origin's note, with the receipts for that very size appended. */
  readonly checkpoint: Uint8Array;
}

/** Proves one entry against the newest checkpoint; throws TB1448 for an index that none covers. */
export function proveEntry(store: LogStore, state: LogState, index: number): EntryProof {
  const newest = store.newestCheckpoint(state.id);
  if (!newest || !Number.isSafeInteger(index) || index < 0 || index >= newest.end) {
    throw fault('TB1448', { log: printLog(state.name), index, size: newest?.end ?? 0 });
  }
  const nodes = new LogNodes(store, state);
  const path = inclusionPath(index, newest.end, nodes);
  return { entry: nodes.entry(index), index, path, checkpoint: withReceipts(store, state, newest) };
}

/** The newest note and, as further signature lines, every receiver's cosignature of that very size. */
export function withReceipts(
  store: LogStore,
  state: LogState,
  newest: { readonly end: number; readonly checkpoint: Uint8Array },
): Uint8Array {
  const lines = store.database
    .prepare<{ cosignature: Uint8Array }>(
      'SELECT cosignature FROM receipt WHERE log_id = ? AND size = ? ORDER BY receiver',
    )
    .all(state.id, newest.end);
  return Buffer.concat([newest.checkpoint, ...lines.map((line) => line.cosignature)]);
}
