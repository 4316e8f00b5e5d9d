import { equal } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { decodeBundle } from './bundle.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { leafHash } from './leaf.ts';
import { parseNote } from './note.ts';
import { RightEdge } from './right-edge.ts';

/*
 * C2SP tlog-tiles: a log as a folder of files that any web server can serve and any tool of that format can
 * check. A tile of level L has up to 256 hashes of full subtrees of 256^L entries; only the last tile of a
 * level may be partial, and it is never hashed into the level above.
 */

/** Entries of a bundle, and hashes of a tile, when full. */
export const tileWidth = 256;
/** Levels of the tree in a level of tiles: 2^8 = 256. */
const levelsOfTile = 8;

export interface Tile {
  readonly level: number;
  readonly index: number;
  /** 1 … 256; less than 256 only for the last tile of its level. */
  readonly width: number;
}

/** What is exported: a log up to one of its checkpoints. */
export interface TileSource {
  /** The signed checkpoint; it says the size. */
  readonly checkpoint: Uint8Array;
  /** Bundle of the entries [256 × index, 256 × index + width), uncompressed. */
  bundle(index: number, width: number): Uint8Array | Promise<Uint8Array>;
}

/** Writes a file of the export; `path` is relative, with `/`. */
export type TileWriter = (path: string, bytes: Uint8Array) => void | Promise<void>;

export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${indexPath(index, width)}`;
}

export function entriesPath(index: number, width: number): string {
  return `tile/entries/${indexPath(index, width)}`;
}

/**
 * Writes bundles and tiles as they fill, the partial tiles at the end, and the checkpoint as the last file,
 * so that whoever sees it finds all that it stands for. Throws TB1403 when the entries do not give the
 * checkpoint's root; the checkpoint is then not written.
 */
export async function exportTiles(source: TileSource, write: TileWriter): Promise<void> {
  const { size, root } = parseCheckpoint(parseNote(source.checkpoint).text);
  const edge = RightEdge.empty();
  /** Of each level, the hashes of the tile that is being filled. */
  const rows: string[][] = [];
  const add = (level: number, hash: string): void => {
    rows[level] ??= [];
    rows[level].push(hash);
  };
  const writeRows = async (isDue: (hashes: readonly string[]) => boolean): Promise<void> => {
    for (const [level, hashes] of rows.entries()) {
      if (!isDue(hashes)) continue;
      const index = Math.ceil(edge.size / tileWidth ** (level + 1)) - 1;
      await write(tilePath({ level, index, width: hashes.length }), Buffer.from(hashes.join(''), 'latin1'));
      rows[level] = [];
    }
  };
  for (let index = 0; edge.size < size; index++) {
    const width = Math.min(tileWidth, size - edge.size);
    const bundle = await source.bundle(index, width);
    const entries = decodeBundle(bundle);
    if (entries.length !== width) throw damaged(`bundle ${index} has not ${width} entries`);
    await write(entriesPath(index, width), bundle);
    for (const entry of entries) {
      const leaf = leafHash(entry).toString('latin1');
      add(0, leaf);
      edge.append(leaf, (level, _index, hash) => add(level / levelsOfTile, hash));
    }
    await writeRows((hashes) => hashes.length === tileWidth);
  }
  if (!equal(edge.root(), root)) throw damaged(`${size} entries give another root`);
  await writeRows((hashes) => hashes.length > 0);
  await write('checkpoint', source.checkpoint);
}

function damaged(reason: string): Error {
  return fault('TB1403', { reason });
}

/** 1234067 → `x001/x234/067`; a partial tile of 112 has `.p/112` after it. */
function indexPath(index: number, width: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === tileWidth ? path : `${path}.p/${width}`;
}
