import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../../core/base/random.ts';
import { decodeBundle, encodeBundle } from '../../../core/log/bundle.ts';
import { ChangeLog } from '../../../core/log/change-log.ts';
import { openCheckpoint } from '../../../core/log/checkpoint.ts';
import { decompress } from '../../../core/log/compression.ts';
import { LogStore } from '../../../core/log/log-store.ts';
import {
  append,
  BatchMaker,
  bounds,
  enrollment,
  numbered,
  type OwnLog,
  openOwn,
  signerOf,
} from '../../support/log-setting.ts';
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

function reopened(): ChangeLog {
  return new ChangeLog(new LogStore(own.database), enrollment, signerOf(enrollment), own.clock);
}

test('appended entries are held unsigned, in order, with their indexes', () => {
  append(own, numbered(0, 3));
  own.database.transaction(() => {
    expect(own.log.append(encodeBundle(numbered(3, 5)), 2)).toEqual({ first: 3, end: 5 });
  });
  expect(own.log.size).toBe(5);
  expect(own.store.find(enrollment)).toMatchObject({ size: 5, signed: 0, newestMs: own.clock.nowMs() });
  expect(own.log.entries(0, 10)).toEqual(numbered(0, 3));
  expect(own.log.entries(4, 10)).toEqual(numbered(4, 5));
  expect(own.log.entries(5, 10)).toEqual([]);
  expect(own.store.newestCheckpoint(own.log.id)).toBeUndefined();
});

test('a row that is rolled back takes its entries with it (I1)', () => {
  const undo = () =>
    own.database.transaction(() => {
      own.log.append(encodeBundle(numbered(0, 3)), 3);
      throw new Error('the row could not be written');
    });
  expect(undo).toThrow('the row');
  expect(own.log.size).toBe(0);
  expect(own.log.entries(0, 10)).toEqual([]);
});

test('a cut signs the root that the entries give, and moves them from the tail into a segment', () => {
  const maker = new BatchMaker();
  maker.grow(numbered(0, 300));
  append(own, maker.entries.slice(0, 100));
  append(own, maker.entries.slice(100));
  expect(own.log.cut(bounds)).toBe(true);
  expect(own.log.cut(bounds)).toBe(false);
  const segment = own.store.segmentAt(own.log.id, 0);
  if (!segment) throw new Error('no segment');
  expect(segment).toMatchObject({ first: 0, end: 300, count: 300, compression: 'zstd' });
  expect(decodeBundle(decompress('zstd', segment.entries, 1e6))).toEqual(maker.entries);
  const checkpoint = openCheckpoint(segment.checkpoint, signerOf(enrollment).verifier);
  expect(checkpoint).toMatchObject({ origin: 'tongbu.example/430121/enrollment', size: 300 });
  expect(Buffer.from(checkpoint.root)).toEqual(maker.root());
  expect(own.store.find(enrollment)).toMatchObject({ size: 300, signed: 300 });
  expect(own.database.prepare('SELECT count(*) AS n FROM tail').get()).toEqual({ n: 0 });
});

test('a cut makes segments of whole runs, each within the bounds, some of them with one fsync', () => {
  append(own, numbered(0, 4));
  append(own, numbered(4, 8));
  append(own, numbered(8, 9));
  expect(own.log.cut({ entriesMax: 7, bytesMax: 1e6 })).toBe(true);
  expect(own.store.find(enrollment)).toMatchObject({ size: 9, signed: 9 });
  expect(ends()).toEqual([4, 9]);
  const bytes = 4 * (2 + numbered(0, 1).join('').length);
  append(own, numbered(0, 4));
  append(own, numbered(4, 8));
  expect(own.log.cut({ entriesMax: 100, bytesMax: bytes + 1 })).toBe(true);
  expect(ends()).toEqual([4, 9, 13, 17]);
});

test('a cut ends after four segments, and the next goes on there', () => {
  for (let i = 0; i < 6; i += 1) append(own, numbered(0, 3));
  expect(own.log.cut({ entriesMax: 3, bytesMax: 1e6 })).toBe(true);
  expect(own.store.find(enrollment)).toMatchObject({ size: 18, signed: 12 });
  expect(own.log.cut({ entriesMax: 3, bytesMax: 1e6 })).toBe(true);
  expect(own.store.find(enrollment)).toMatchObject({ size: 18, signed: 18 });
  expect(own.log.cut({ entriesMax: 3, bytesMax: 1e6 })).toBe(false);
});

function ends(): number[] {
  const rows = own.database.prepare<{ end: number }>('SELECT "end" FROM segment ORDER BY first').all();
  return rows.map(({ end }) => end);
}

test('entries are read the same before and after they are signed', () => {
  append(own, numbered(0, 10));
  own.log.cut(bounds);
  append(own, numbered(10, 20));
  expect(own.log.entries(7, 100)).toEqual(numbered(7, 10));
  expect(own.log.entries(10, 3)).toEqual(numbered(10, 13));
});

test('a size is signed once: after a restart the same note stands and the next one extends it (I4)', () => {
  append(own, numbered(0, 5));
  own.log.cut(bounds);
  const note = own.store.newestCheckpoint(own.log.id)?.checkpoint;
  const again = reopened();
  expect(again.cut(bounds)).toBe(false);
  append({ ...own, log: again }, numbered(5, 6));
  expect(again.cut(bounds)).toBe(true);
  expect(own.store.segmentEnding(again.id, 5)?.checkpoint).toEqual(note);
  const maker = new BatchMaker();
  maker.grow(numbered(0, 6));
  expect(own.store.newestCheckpoint(again.id)?.root).toEqual(maker.root());
});

test('a log whose stored edge contradicts what was signed signs nothing more', () => {
  append(own, numbered(0, 5));
  own.log.cut(bounds);
  const root = own.store.newestCheckpoint(own.log.id)?.root ?? Buffer.alloc(32);
  own.database.prepare('UPDATE segment SET root = ?').run(Buffer.alloc(32, 1));
  expect(codeOf(reopened)).toBe('TB1440');
  own.database.prepare('UPDATE segment SET root = ?').run(root);
  expect(reopened().size).toBe(5);
  own.database.prepare('DELETE FROM segment').run();
  expect(codeOf(reopened)).toBe('TB1440');
});

test('two objects never sign one size with different entries', () => {
  append(own, numbered(0, 5));
  const other = reopened();
  own.log.cut(bounds);
  append(own, numbered(5, 6));
  expect(() => other.cut(bounds)).toThrow();
  expect(own.store.find(enrollment)).toMatchObject({ size: 6, signed: 5 });
});

test('a run that no receiver would take as one batch is refused before it is stored', () => {
  const many = encodeBundle(Array.from({ length: 10_001 }, () => Buffer.of(1)));
  for (const [bundle, count] of [
    [many, 10_001],
    [Buffer.alloc(0), 0],
  ] as const) {
    expect(() => own.database.transaction(() => void own.log.append(bundle, count))).toThrow('no batch');
  }
  expect(own.log.size).toBe(0);
});

test('a full disk refuses the entries, moves nothing, and lets go on when there is room', () => {
  append(own, numbered(0, 5));
  own.log.cut(bounds);
  own.database.limitBytes(1);
  const noise = seededRandom(1);
  const large = Array.from({ length: 50 }, () => Buffer.from(noise.bytes(5_000)));
  expect(codeOf(() => append(own, large))).toBe('TB1105');
  expect(own.store.find(enrollment)).toMatchObject({ size: 5, signed: 5 });
  own.database.limitBytes(2 ** 40);
  append(own, large);
  append(
    own,
    Array.from({ length: 20 }, () => Buffer.from(noise.bytes(50_000))),
  );
  own.database.limitBytes(1);
  expect(codeOf(() => own.log.cut(bounds))).toBe('TB1105');
  expect(own.store.find(enrollment)).toMatchObject({ size: 75, signed: 5 });
  own.database.limitBytes(2 ** 40);
  expect(own.log.cut(bounds)).toBe(true);
  expect(own.store.find(enrollment)).toMatchObject({ size: 75, signed: 75 });
});
