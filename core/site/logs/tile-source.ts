import { fault } from '../../base/errors.ts';
import { printLog } from '../../log/batch.ts';
import { encodeBundle } from '../../log/bundle.ts';
import type { LogNodes } from '../../log/log-nodes.ts';
import type { LogState, LogStore } from '../../log/log-store.ts';
import { withReceipts } from '../../log/prove-entry.ts';
import type { TileSource } from '../../log/tile.ts';

/** A stored log as the tile export reads it, up to its newest checkpoint with all receipts of that size. */
export function tileSourceOf(store: LogStore, state: LogState, nodes: LogNodes): TileSource {
  const newest = store.newestCheckpoint(state.id);
  if (!newest) throw fault('TB1448', { log: printLog(state.name), index: 0, size: 0 });
  return {
    checkpoint: withReceipts(store, state, newest),
    bundle: (index, width) =>
      encodeBundle(Array.from({ length: width }, (_none, i) => nodes.entry(index * 256 + i))),
  };
}
