import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeBundle } from '../../../core/log/bundle.ts';
import { signCheckpoint } from '../../../core/log/checkpoint.ts';
import { ed25519Signer } from '../../../core/log/keys.ts';
import { emptyRoot, leafHash } from '../../../core/log/leaf.ts';
import { entriesPath, exportTiles, tilePath, tileWidth } from '../../../core/log/tile.ts';
import { edgeOf, nodesOf, someEntries } from './support.ts';

const signer = ed25519Signer('tongbu.example/430121/enrollment', randomBytes(32));

function checkpointOf(size: number, root: Uint8Array): Buffer {
  return signCheckpoint({ origin: signer.name, size, root }, signer);
}

async function exported(entries: readonly Buffer[], checkpoint?: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const source = {
    checkpoint: checkpoint ?? checkpointOf(entries.length, edgeOf(entries).root()),
    bundle: (index: number, width: number) =>
      encodeBundle(entries.slice(index * tileWidth, index * tileWidth + width)),
  };
  await exportTiles(source, (path, bytes) => {
    expect(files.has(path)).toBe(false);
    files.set(path, Buffer.from(bytes));
  });
  return files;
}

function partialsAndLevels(files: Map<string, Buffer>): string[] {
  return [...files.keys()].filter((path) => path.includes('.p/') || /^tile\/[1-9]/.test(path)).sort();
}

test('paths are those of the tlog-tiles specification', () => {
  expect(entriesPath(1_234_067, 256)).toBe('tile/entries/x001/x234/067');
  expect(entriesPath(273, 112)).toBe('tile/entries/273.p/112');
  expect(tilePath({ level: 0, index: 0, width: 256 })).toBe('tile/0/000');
  expect(tilePath({ level: 2, index: 1_000, width: 1 })).toBe('tile/2/x001/000.p/1');
  expect(tilePath({ level: 1, index: 999_999, width: 255 })).toBe('tile/1/x999/999.p/255');
});

test('256 entries are a full tile and one of width 1 above it', async () => {
  const entries = someEntries(256);
  const files = await exported(entries);
  expect([...files.keys()]).toEqual(['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1', 'checkpoint']);
  expect(files.get('tile/0/000')).toEqual(Buffer.concat(entries.map(leafHash)));
  expect(files.get('tile/1/000.p/1')).toEqual(edgeOf(entries).root());
});

test('70,000 entries have the published geometry', async () => {
  const entries = someEntries(70_000);
  const files = await exported(entries);
  expect(partialsAndLevels(files)).toEqual(
    ['tile/0/273.p/112', 'tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1', 'tile/entries/273.p/112'].sort(),
  );
  expect(files.size).toBe(2 * 274 + 3 + 1);
  expect(files.get('tile/2/000.p/1')).toEqual(nodesOf(entries.slice(0, 65_536)).node(16, 0));
});

test('no size has an empty tile, and each tile has the bytes of its width', async () => {
  for (const size of [0, 1, 255, 257, 511, 512, 513]) {
    const files = await exported(someEntries(size));
    for (const [path, bytes] of files) {
      if (!/^tile\/[0-9]/.test(path)) continue;
      const width = Number(/\.p\/(\d+)$/.exec(path)?.[1] ?? tileWidth);
      expect(bytes.length, path).toBe(32 * width);
      expect(width).toBeGreaterThan(0);
    }
  }
  expect([...(await exported([])).keys()]).toEqual(['checkpoint']);
  expect(edgeOf([]).root()).toEqual(emptyRoot);
});

test('a checkpoint is never written over entries that do not give its root', async () => {
  const entries = someEntries(300);
  const altered = [...entries.slice(0, 299), Buffer.from('altered')];
  for (const [size, root] of [
    [300, edgeOf(altered).root()],
    [300, edgeOf(entries.slice(0, 299)).root()],
    [301, edgeOf(someEntries(301)).root()],
  ] as const) {
    await expect(exported(entries, checkpointOf(size, root))).rejects.toMatchObject({ code: 'TB1403' });
  }
  const shorter = await exported(entries, checkpointOf(299, edgeOf(entries.slice(0, 299)).root()));
  expect(shorter.has('tile/0/001.p/43')).toBe(true);
});

test('the checkpoint is the last file, so whoever sees it finds the rest', async () => {
  expect([...(await exported(someEntries(700))).keys()].at(-1)).toBe('checkpoint');
});
