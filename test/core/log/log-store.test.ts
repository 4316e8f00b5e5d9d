import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../../core/base/random.ts';
import type { Batch } from '../../../core/log/batch.ts';
import { decodeBundle, encodeBundle } from '../../../core/log/bundle.ts';
import { openCheckpoint } from '../../../core/log/checkpoint.ts';
import { decompress } from '../../../core/log/compression.ts';
import { append, bounds, numbered, type OwnLog, openOwn, signerOf } from '../../support/log-setting.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';
import { codeOf } from './support.ts';

let folder: TemporaryFolder;
let own: OwnLog;

beforeEach(() => {
  folder = new TemporaryFolder();
  own = openOwn(folder.file('site.db'));
});
afterEach(() => {
  own.database.close();
  folder.remove();
});

/** Signed segments of these sizes, of small entries. */
function segments(...sizes: number[]): void {
  for (const size of sizes) {
    const from = own.log.size;
    append(own, numbered(from, from + size));
    own.log.cut(bounds);
  }
}

function read(from: number, entriesMax: number, bytesMax = 1e6): Batch | undefined {
  return own.store.readBatch(own.log.id, from, { entriesMax, bytesMax });
}

function entriesOf(batch: Batch | undefined): Buffer[] {
  return batch ? decodeBundle(decompress(batch.compression, batch.entries, 1e8)) : [];
}

function signedSize(batch: Batch | undefined): number {
  return batch ? openCheckpoint(batch.checkpoint, signerOf(own.log.name).verifier).size : 0;
}

test('a log that is asked for is made once, and all are listed in order', () => {
  const name = { origin: '430000', dataset: 'catalog' };
  const made = own.store.ensure(name);
  expect(own.store.ensure(name)).toEqual(made);
  expect(made).toMatchObject({ name, size: 0, signed: 0, fence: 0, newestMs: 0 });
  expect(own.store.all().map((state) => state.name.dataset)).toEqual(['catalog', 'enrollment']);
  expect(own.store.find({ origin: '430000', dataset: 'claims' })).toBeUndefined();
});

test('a segment is found by any of its entries, and by its size', () => {
  segments(3, 4);
  const { id } = own.log;
  expect([0, 2, 3, 6, 7].map((i) => own.store.segmentAt(id, i)?.first)).toEqual([0, 0, 3, 3, undefined]);
  expect([3, 5, 7].map((size) => own.store.segmentEnding(id, size)?.first)).toEqual([0, undefined, 3]);
  expect(own.store.newestCheckpoint(id)?.end).toBe(7);
});

test('a large segment goes out as it is stored, byte for byte', () => {
  segments(30, 5);
  const batch = read(0, 100);
  const stored = own.store.segmentAt(own.log.id, 0);
  expect(batch?.entries).toEqual(stored?.entries);
  expect(batch).toMatchObject({ first: 0, count: 30 });
});

test('small segments are joined up to the bounds, and the batch ends at a checkpoint', () => {
  segments(2, 3, 4, 5);
  const batch = read(0, 100);
  expect(batch).toMatchObject({ first: 0, count: 14 });
  expect(entriesOf(batch)).toEqual(numbered(0, 14));
  expect(signedSize(batch)).toBe(14);
  expect(entriesOf(read(0, 10))).toEqual(numbered(0, 9));
  expect(signedSize(read(0, 10))).toBe(9);
  const oneMore = encodeBundle(numbered(0, 9)).length;
  expect(read(0, 100, oneMore)?.count).toBe(9);
  expect(read(0, 100, oneMore - 1)?.count).toBe(5);
});

test('a batch begins where its receiver stands, inside a segment too', () => {
  segments(5, 5);
  const batch = read(3, 100);
  expect(batch).toMatchObject({ first: 3, count: 7 });
  expect(entriesOf(batch)).toEqual(numbered(3, 10));
  const last = read(8, 2);
  expect(entriesOf(last)).toEqual(numbered(8, 10));
  expect(signedSize(last)).toBe(10);
});

test('there is no batch where nothing is signed', () => {
  expect(read(0, 10)).toBeUndefined();
  segments(5);
  append(own, numbered(5, 8));
  expect(read(5, 10)).toBeUndefined();
  expect(read(100, 10)).toBeUndefined();
});

test('any bounds and any start give the entries in order, never more than the bounds after the first run', () => {
  const random = seededRandom(3);
  for (let i = 0; i < 30; i += 1) segments(1 + Math.floor(random.uniform() * 20));
  const { size } = own.log;
  for (let trial = 0; trial < 40; trial += 1) {
    const entriesMax = 20 + Math.floor(random.uniform() * 60);
    let at = Math.floor(random.uniform() * size);
    while (at < size) {
      const batch = read(at, entriesMax);
      expect(batch?.first).toBe(at);
      expect(batch?.count).toBeLessThanOrEqual(entriesMax);
      const end = at + (batch?.count ?? 0);
      expect(entriesOf(batch)).toEqual(numbered(at, end));
      expect(signedSize(batch)).toBe(end);
      at = end;
    }
    expect(at).toBe(size);
  }
});

test('a stored segment that unfolds to more than any batch is damage, not data', () => {
  segments(5);
  own.database.prepare('UPDATE segment SET entries = ?').run(Buffer.from('no zstd frame'));
  expect(codeOf(() => read(2, 10))).toBe('TB1404');
});
