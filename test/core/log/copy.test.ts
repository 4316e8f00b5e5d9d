import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Batch } from '../../../core/log/batch.ts';
import { encodeBundle } from '../../../core/log/bundle.ts';
import { compress } from '../../../core/log/compression.ts';
import { Copy, type Staged } from '../../../core/log/copy.ts';
import { LogStore } from '../../../core/log/log-store.ts';
import type { Database } from '../../../core/store/database.ts';
import { BatchMaker, bounds, enrollment, numbered, openFile, seedOf } from '../../support/log-setting.ts';
import { SimulatedClock } from '../../support/simulated-clock.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';

let folder: TemporaryFolder;
let database: Database;
let copy: Copy;
let fence: number;
let maker: BatchMaker;
const clock = new SimulatedClock();

beforeEach(() => {
  folder = TemporaryFolder.inMemory();
  database = openFile(folder.file('copy.db'));
  copy = new Copy(new LogStore(database), enrollment, clock);
  fence = database.transaction(() => copy.fence());
  maker = new BatchMaker();
  maker.grow(numbered(0, 20));
});
afterEach(() => {
  database.close();
  folder.remove();
});

function stage(batch: Batch, withFence = fence): Staged {
  return copy.stage(batch, withFence, maker.signer.verifier, bounds);
}

function store(batch: Batch): Staged {
  const staged = stage(batch);
  expect(database.transaction(() => copy.flush(clock.nowMs()))).toBe(true);
  copy.settle();
  return staged;
}

function held(): unknown[] {
  return database.prepare('SELECT first, "end", hex(root) AS root FROM segment ORDER BY first').all();
}

function evidence(): unknown[] {
  return database.prepare('SELECT size, checkpoint, received_ms AS ms FROM evidence').all();
}

function flipped(bytes: Uint8Array, at = bytes.length - 5): Buffer {
  const copied = Buffer.from(bytes);
  copied[at] = (copied[at] ?? 0) ^ 1;
  return copied;
}

test('a position never counts what is only staged (I3)', () => {
  expect(stage(maker.batch(0, 10))).toEqual({ kind: 'staged' });
  expect(copy.position()).toEqual({ size: 0, root: maker.root(0) });
  expect(copy.settle()).toEqual(maker.note(10));
  expect(copy.position()).toEqual({ size: 10, root: maker.root(10) });
});

test('batches that were staged together are stored together, up to the origin’s root', () => {
  for (const [first, end] of [
    [0, 3],
    [3, 4],
    [4, 20],
  ] as const)
    stage(maker.batch(first, end));
  database.transaction(() => copy.flush(5));
  expect(copy.settle()).toEqual(maker.note(20));
  expect(copy.position()).toEqual({ size: 20, root: maker.root() });
  const reopened = new Copy(new LogStore(database), enrollment, clock);
  expect(reopened.position()).toEqual(copy.position());
  expect(held()).toHaveLength(3);
});

test('a failed commit leaves the position and everything staged is forgotten', () => {
  stage(maker.batch(0, 10));
  const fail = () =>
    database.transaction(() => {
      copy.flush(0);
      throw new Error('no commit');
    });
  expect(fail).toThrow('no commit');
  copy.discard();
  expect(copy.position().size).toBe(0);
  expect(store(maker.batch(0, 4))).toEqual({ kind: 'staged' });
  expect(held()).toHaveLength(1);
});

describe('a batch is refused, and position and disk stay as they are, when', () => {
  const cases: readonly [string, string, (m: BatchMaker) => Batch][] = [
    ['it would leave a gap', 'gap', (m) => m.batch(11, 15)],
    ['it overlaps what is held', 'overlap', (m) => m.batch(9, 12)],
    ['an entry was altered', 'root', (m) => m.batch(10, 20, { entries: altered(m), compression: 'none' })],
    ['an entry was left out', 'root', (m) => m.batch(10, 12, { checkpoint: m.note(13) })],
    ['its checkpoint ends elsewhere', 'root', (m) => m.batch(10, 13, { checkpoint: m.note(14) })],
    ['its checkpoint shrinks', 'root', (m) => m.batch(10, 13, { checkpoint: m.note(7) })],
    ['its checkpoint is altered', 'signature', (m) => m.batch(10, 13, { checkpoint: wrongSize(m) })],
    ['it is signed by another key', 'signature', (m) => m.batch(10, 13, { checkpoint: stranger(m, 13) })],
    ['its note is of another log', 'signature', (m) => m.batch(10, 13, { checkpoint: otherLog(m) })],
    ['its note does not parse', 'malformed', (m) => m.batch(10, 13, { checkpoint: Buffer.from('x') })],
    ['its note is empty', 'malformed', (m) => m.batch(10, 13, { checkpoint: Buffer.alloc(0) })],
    ['its note is huge', 'malformed', (m) => m.batch(10, 13, { checkpoint: Buffer.alloc(70_000, 'a') })],
    [
      'its bundle is cut',
      'malformed',
      (m) => m.batch(10, 13, plain(encodeBundle(numbered(10, 13)).subarray(1))),
    ],
    ['it counts wrongly', 'malformed', (m) => m.batch(10, 12, { count: 3, checkpoint: m.note(13) })],
    [
      'it does not unfold',
      'limit',
      (m) => m.batch(10, 13, { entries: Buffer.from('no zstd'), compression: 'zstd' }),
    ],
    ['it has too many entries', 'limit', (m) => m.batch(10, 13, { count: 10_001 })],
    [
      'it unfolds to too many bytes',
      'limit',
      (m) => m.batch(10, 13, compressed(Buffer.alloc(9 * 1024 * 1024))),
    ],
  ];
  test.each(cases)('%s (%s)', (_name, code, make) => {
    store(maker.batch(0, 10));
    const before = [copy.position(), held()];
    expect(stage(make(maker))).toMatchObject({ kind: 'refused', code });
    expect(database.transaction(() => copy.flush(0))).toBe(true);
    expect(copy.settle()).toBeUndefined();
    expect([copy.position(), held()]).toEqual(before);
    expect(store(maker.batch(10, 20))).toEqual({ kind: 'staged' });
    expect(copy.position().root).toEqual(maker.root());
  });

  function altered(m: BatchMaker): Buffer {
    const entries = m.entries.slice(10);
    return encodeBundle([flipped(entries[0] ?? Buffer.alloc(9)), ...entries.slice(1)]);
  }

  function wrongSize(m: BatchMaker): Buffer {
    return Buffer.from(m.note(12).toString('latin1').replace('\n12\n', '\n13\n'), 'latin1');
  }

  function stranger(m: BatchMaker, size: number): Buffer {
    return new BatchMaker(enrollment, seedOf('a thief')).note(size, m.root(size));
  }

  function otherLog(m: BatchMaker): Buffer {
    const other = new BatchMaker({ origin: '430121', dataset: 'claims' });
    return other.note(13, m.root(13));
  }

  function plain(entries: Uint8Array): Partial<Batch> {
    return { entries, compression: 'none' };
  }

  function compressed(bytes: Buffer): Partial<Batch> {
    const packed = compress(bytes);
    return { entries: packed.bytes, compression: packed.compression };
  }
});

test('an oversized entry can’t be written as a bundle at all, so its bytes break the bundle', () => {
  const entry = Buffer.alloc(2 + 65_536);
  entry.writeUInt16BE(65_535, 0);
  expect(stage(maker.batch(0, 1, { entries: entry, compression: 'none' }))).toMatchObject({
    kind: 'refused',
    code: 'malformed',
  });
});

test('receiving a batch twice changes nothing, whether it is stored or only staged (I6)', () => {
  stage(maker.batch(0, 10));
  expect(stage(maker.batch(0, 10))).toEqual({ kind: 'known' });
  database.transaction(() => copy.flush(0));
  copy.settle();
  const before = [copy.position(), held()];
  expect(store(maker.batch(0, 10))).toEqual({ kind: 'known' });
  expect(store(maker.batch(2, 7))).toEqual({ kind: 'known' });
  expect([copy.position(), held()]).toEqual(before);
});

test('a session that is fenced stores nothing more, and the newer one goes on (I8)', () => {
  store(maker.batch(0, 10));
  const newer = database.transaction(() => copy.fence());
  expect(newer).toBeGreaterThan(fence);
  expect(stage(maker.batch(10, 20))).toMatchObject({ kind: 'refused', code: 'fenced' });
  expect(stage(maker.batch(10, 20), newer)).toEqual({ kind: 'staged' });
});

test('of two writers of one file, the one that was overtaken moves nothing, and begins anew from the disk', () => {
  const other = new Copy(new LogStore(database), enrollment, clock);
  const newer = database.transaction(() => other.fence());
  stage(maker.batch(0, 10));
  expect(database.transaction(() => copy.flush(0))).toBe(false);
  copy.discard();
  expect(other.stage(maker.batch(0, 5), newer, maker.signer.verifier, bounds)).toEqual({ kind: 'staged' });
  expect(database.transaction(() => other.flush(0))).toBe(true);
  other.settle();
  fence = database.transaction(() => copy.fence());
  expect(copy.position()).toEqual({ size: 5, root: maker.root(5) });
  expect(store(maker.batch(5, 20))).toEqual({ kind: 'staged' });
});

test('a position that somebody else moved on the disk is noticed before anything is written', () => {
  store(maker.batch(0, 5));
  database.execute('UPDATE log SET size = 9');
  stage(maker.batch(5, 10));
  expect(database.transaction(() => copy.flush(0))).toBe(false);
  copy.discard();
  expect(held()).toHaveLength(1);
});

test('a checkpoint that its origin signed for another size than the entries have is refused', () => {
  const wrong = maker.note(7, maker.root(5));
  expect(stage(maker.batch(0, 5, { checkpoint: wrong }))).toMatchObject({ kind: 'refused', code: 'root' });
  expect(store(maker.batch(0, 5))).toEqual({ kind: 'staged' });
});

describe('a checkpoint that contradicts one that is held', () => {
  function forked(): BatchMaker {
    const fork = new BatchMaker();
    fork.grow([...numbered(0, 3), Buffer.from('another history'), ...numbered(4, 20)]);
    return fork;
  }

  test.each([
    ['at a stored checkpoint', 10],
    ['between two of them', 7],
  ])('is refused %s and kept as evidence, once', (_where, end) => {
    store(maker.batch(0, 10));
    const fork = forked();
    const position = copy.position();
    for (let i = 0; i < 2; i += 1) {
      expect(stage(fork.batch(0, end))).toMatchObject({ kind: 'refused', code: 'fork' });
    }
    expect(evidence()).toEqual([{ size: end, checkpoint: fork.note(end), ms: clock.nowMs() }]);
    expect(copy.position()).toEqual(position);
  });

  test('is no evidence without the origin’s signature', () => {
    store(maker.batch(0, 10));
    const thief = new BatchMaker(enrollment, seedOf('a thief'));
    thief.grow([Buffer.from('forged'), ...numbered(1, 10)]);
    expect(stage(thief.batch(0, 10))).toMatchObject({ kind: 'refused', code: 'signature' });
    expect(evidence()).toEqual([]);
  });

  test('fills no disk: a hundred are kept', () => {
    store(maker.batch(0, 10));
    for (let i = 0; i < 103; i += 1) {
      const checkpoint = maker.note(10, Buffer.alloc(32, i));
      expect(stage(maker.batch(0, 10, { checkpoint }))).toMatchObject({ code: 'fork' });
    }
    expect(evidence()).toHaveLength(100);
  });

  test('is refused as "storage" when a full disk can’t keep it, and nothing else is lost', () => {
    store(maker.batch(0, 10));
    const large = maker.note(10, Buffer.alloc(32, 9));
    const padded = Buffer.concat([large, ...Array.from({ length: 60 }, () => strangeLine())]);
    database.limitBytes(1);
    expect(stage(maker.batch(0, 10, { checkpoint: padded }))).toMatchObject({ code: 'storage' });
    database.limitBytes(2 ** 40);
    expect(stage(maker.batch(0, 10, { checkpoint: padded }))).toMatchObject({ code: 'fork' });
  });

  function strangeLine(): Buffer {
    return Buffer.from(`\u2014 tongbu.example/somebody-else ${Buffer.alloc(600, 3).toString('base64')}\n`);
  }
});

test('any permutation, split and repetition of batches ends in the origin’s root or a refusal', {
  timeout: 60_000,
}, () => {
  const piece = fc.record({ first: fc.nat(20), count: fc.integer({ min: 1, max: 20 }), bad: fc.nat(9) });
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 25 }),
      fc.array(fc.boolean(), { maxLength: 25 }),
      (pieces, flushes) => {
        database.execute(
          "DELETE FROM segment; DELETE FROM node; UPDATE log SET size = 0, signed = 0, edge = x''",
        );
        copy = new Copy(new LogStore(database), enrollment, clock);
        fence = database.transaction(() => copy.fence());
        let staged = 0;
        for (const [i, { first, count, bad }] of pieces.entries()) {
          const end = Math.min(20, first + count);
          if (end <= first) continue;
          const before = copy.position();
          const batch = maker.batch(first, end);
          const verdict = stage(bad === 0 ? { ...batch, entries: flipped(batch.entries) } : batch);
          expect(copy.position()).toEqual(before);
          expect(verdict.kind === 'staged').toBe(first === staged && bad !== 0);
          if (verdict.kind === 'staged') staged = end;
          if (verdict.kind === 'known') expect(end).toBeLessThanOrEqual(staged);
          if (flushes[i] !== true) continue;
          database.transaction(() => copy.flush(0));
          copy.settle();
          expect(copy.position()).toEqual({ size: staged, root: maker.root(staged) });
        }
        const next = maker.batch(staged, 20);
        if (staged < 20) expect(stage(next)).toEqual({ kind: 'staged' });
        database.transaction(() => copy.flush(0));
        copy.settle();
        expect(copy.position()).toEqual({ size: 20, root: maker.root() });
      },
    ),
    { numRuns: 60 },
  );
});
