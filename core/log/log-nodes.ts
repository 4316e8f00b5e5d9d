import { assert } from '../base/assert.ts';
import { fault } from '../base/errors.ts';
import { printLog } from './batch.ts';
import { forEachEntry } from './bundle.ts';
import { decompress } from './compression.ts';
import { leafHash, nodeHash } from './leaf.ts';
import { bundleBytesMax, type LogState, type LogStore } from './log-store.ts';
import { NodeTable } from './node-table.ts';
import type { NodeReader } from './proof.ts';

/** Entries of a full tile: what is hashed again where single leaf hashes are wanted. */
const tileEntries = 256;

/**
 * The Merkle tree of a stored log: roots of full 256-entry subtrees are read, what lies below is hashed from
 * the entries. It keeps the last tile and the last segment, so walking along a log reads each once.
 */
export class LogNodes implements NodeReader {
  readonly #store: LogStore;
  readonly #state: LogState;
  readonly #table: NodeTable;
  #tile: { readonly number: number; readonly leaves: readonly Buffer[] } | undefined;
  #segment: { readonly first: number; readonly entries: readonly Buffer[] } | undefined;

  constructor(store: LogStore, state: LogState) {
    this.#store = store;
    this.#state = state;
    this.#table = new NodeTable(store.database, state.id);
  }

  /** Entry bytes as its origin wrote them; throws TB1448 above the newest checkpoint. */
  entry(index: number): Buffer {
    const held = this.#segment;
    const known = held?.entries[index - held.first];
    if (known) return known;
    const segment = this.#store.segmentAt(this.#state.id, index);
    if (!segment) {
      throw fault('TB1448', { log: printLog(this.#state.name), index, size: this.#state.signed });
    }
    const bundle = decompress(segment.compression, segment.entries, bundleBytesMax);
    const entries: Buffer[] = [];
    forEachEntry(bundle, (start, end) => entries.push(bundle.subarray(start, end)));
    this.#segment = { first: segment.first, entries };
    const entry = entries[index - segment.first];
    assert(entry, 'a segment holds the entries that it says');
    return entry;
  }

  node(level: number, index: number): Buffer {
    if (level >= 8 && level % 8 === 0) {
      const stored = this.#table.read(level, index);
      assert(stored, `node ${index} of level ${level} is stored`);
      return Buffer.from(stored);
    }
    if (level > 0) return nodeHash(this.node(level - 1, 2 * index), this.node(level - 1, 2 * index + 1));
    const leaf = this.#leaves(Math.floor(index / tileEntries))[index % tileEntries];
    assert(leaf, 'a leaf below the size of the log');
    return leaf;
  }

  #leaves(number: number): readonly Buffer[] {
    if (this.#tile?.number === number) return this.#tile.leaves;
    const end = Math.min((number + 1) * tileEntries, this.#state.signed);
    const leaves: Buffer[] = [];
    for (let index = number * tileEntries; index < end; index += 1) leaves.push(leafHash(this.entry(index)));
    this.#tile = { number, leaves };
    return leaves;
  }
}
