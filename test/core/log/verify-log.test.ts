import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../core/base/random.ts';
import { decodeBundle, encodeBundle } from '../../../core/log/bundle.ts';
import { compress, decompress } from '../../../core/log/compression.ts';
import { type LogVerdict, verifyLog } from '../../../core/log/verify-log.ts';
import {
  append,
  BatchMaker,
  bounds,
  enrollment,
  type OwnLog,
  openOwn,
  signerOf,
} from '../../support/log-setting.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';

/** Three segments of 700 entries and a tail of 20. */
const size = 2_100;
const tail = 20;

let folder: TemporaryFolder;
let own: OwnLog;
let maker: BatchMaker;

beforeEach(() => {
  folder = new TemporaryFolder();
  own = openOwn(folder.file('site.db'));
  maker = new BatchMaker();
  const random = seededRandom(5);
  maker.grow(Array.from({ length: size + tail }, () => Buffer.from(random.bytes(24))));
  for (let from = 0; from < size; from += 700) {
    append(own, maker.entries.slice(from, from + 700));
    own.log.cut(bounds);
  }
  append(own, maker.entries.slice(size));
});
afterEach(() => {
  own.database.close();
  folder.remove();
});

function verify(
  visit?: (entry: Buffer, index: number) => void,
  progress: (size: number) => void = () => {},
): LogVerdict {
  const state = own.store.find(enrollment);
  if (!state) throw new Error('no log');
  return verifyLog(own.store, state, signerOf(enrollment).verifier, visit, progress);
}

/** Edits the entries of one segment as somebody with the database key would. */
function edit(first: number, change: (entries: Buffer[]) => void): void {
  const segment = own.store.segmentAt(own.log.id, first);
  if (!segment) throw new Error('no segment');
  const entries = decodeBundle(decompress(segment.compression, segment.entries, 1e8)).map((e) =>
    Buffer.from(e),
  );
  change(entries);
  const packed = compress(encodeBundle(entries));
  own.database
    .prepare('UPDATE segment SET entries = ?, compression = ? WHERE first = ?')
    .run(packed.bytes, packed.compression, segment.first);
}

test('a whole log verifies, with its tail, and every entry is seen once', () => {
  const seen: Buffer[] = [];
  const sizes: number[] = [];
  const verdict = verify(
    (entry, index) => {
      expect(index).toBe(seen.length);
      seen.push(Buffer.from(entry));
    },
    (at) => sizes.push(at),
  );
  expect(verdict).toEqual({ size: size + tail, signed: size, root: maker.root(size), bad: undefined });
  expect(seen).toEqual(maker.entries);
  expect(sizes).toEqual([700, 1_400, 2_100]);
});

describe('an edited entry is found at its tile of 256', () => {
  test.each([
    [0, 0],
    [300, 256],
    [699, 512], // the tile goes on in the next segment
    [1_000, 768],
    [2_060, 2_048], // in the last tile, which is not full
  ])('entry %i, from %i on', (index, reported) => {
    const first = index - (index % 700);
    edit(first, (entries) => {
      const entry = entries[index - first];
      if (entry) entry[3] = (entry[3] ?? 0) ^ 1;
    });
    const { bad } = verify();
    // A tile that two segments share is judged with the first of them, by the signed root.
    expect(bad?.index).toBe(reported);
    expect(bad?.index).toBeLessThanOrEqual(index);
  });
});

describe('what somebody with the key can do to the file is found', () => {
  const cases: readonly [string, number, RegExp, () => void][] = [
    ['a lost segment', 700, /missing/, () => run('DELETE FROM segment WHERE first = 700')],
    ['a lost last segment', 1_400, /missing/, () => run('DELETE FROM segment WHERE first = 1400')],
    ['an entry taken out', 700, /TB1403/, () => edit(700, (entries) => entries.splice(5, 1))],
    [
      'two entries swapped',
      768,
      /differs/,
      () => edit(700, (entries) => entries.splice(100, 2, ...entries.slice(100, 102).reverse())),
    ],
    ['damaged bytes', 700, /TB1404/, () => run("UPDATE segment SET entries = x'00' WHERE first = 700")],
    [
      'another note',
      700,
      /TB1407/,
      () => run('UPDATE segment SET checkpoint = ? WHERE first = 700', swappedNote()),
    ],
    [
      'the note of another size',
      700,
      /size/,
      () => run('UPDATE segment SET checkpoint = ? WHERE first = 700', maker.note(700)),
    ],
    [
      'a stored root',
      700,
      /stored root/,
      () => run('UPDATE segment SET root = zeroblob(32) WHERE first = 700'),
    ],
    [
      'a stored subtree root',
      700,
      /differs/,
      () => run('UPDATE node SET hash = zeroblob(32) WHERE level = 8 AND idx = 2'),
    ],
    ['a right edge', 2_100, /right edge/, () => run('UPDATE log SET edge = zeroblob(length(edge))')],
    ['a lost tail', 2_100, /says 2120/, () => run('DELETE FROM tail')],
    [
      'a shortened tail',
      2_100,
      /says 2120/,
      () => run('UPDATE tail SET entries = ?', encodeBundle([Buffer.of(1)])),
    ],
  ];
  test.each(cases)('%s (at %i, %s)', (_name, index, reason, damage) => {
    damage();
    const { bad } = verify();
    expect(bad?.index).toBe(index);
    expect(bad?.reason).toMatch(reason);
  });

  function run(sql: string, ...values: Uint8Array[]): void {
    own.database.prepare(sql).run(...values);
  }

  function swappedNote(): Buffer {
    const note = maker.note(1_400);
    const at = note.lastIndexOf('\n') - 6;
    note[at] = note[at] === 65 ? 66 : 65;
    return note;
  }
});

test('an old state of the log row put back is found, though every part of it was once true', () => {
  const old = own.database.prepare<{ edge: Buffer }>('SELECT edge FROM log').get()?.edge ?? Buffer.alloc(0);
  append(own, [Buffer.from('one more')]);
  own.log.cut(bounds);
  own.database.prepare('UPDATE log SET edge = ?').run(old);
  expect(() => verify()).not.toThrow();
  expect(verify().bad?.index).toBe(2_121);
});

test('another log’s key verifies nothing', () => {
  const state = own.store.find(enrollment);
  if (!state) throw new Error('no log');
  const { verifier } = signerOf({ origin: '430122', dataset: 'enrollment' });
  expect(verifyLog(own.store, state, verifier, undefined, () => {}).bad).toEqual({
    index: 0,
    reason: 'TB1409',
  });
});
