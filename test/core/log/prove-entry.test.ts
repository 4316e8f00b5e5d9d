import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/log/checkpoint.ts';
import { cosign, verifyCosignature } from '../../../core/log/cosignature.ts';
import { leafHash } from '../../../core/log/leaf.ts';
import { LogNodes } from '../../../core/log/log-nodes.ts';
import { parseNote } from '../../../core/log/note.ts';
import { rootAt, verifyInclusion } from '../../../core/log/proof.ts';
import { proveEntry } from '../../../core/log/prove-entry.ts';
import {
  append,
  BatchMaker,
  bounds,
  enrollment,
  mirrorOf,
  numbered,
  type OwnLog,
  openOwn,
  signerOf,
} from '../../support/log-setting.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';
import { codeOf } from './support.ts';

const size = 1_300;
let folder: TemporaryFolder;
let own: OwnLog;

beforeEach(() => {
  folder = new TemporaryFolder();
  own = openOwn(folder.file('site.db'));
  for (let from = 0; from < size; from += 100) {
    append(own, numbered(from, from + 100));
    own.log.cut(bounds);
  }
  append(own, numbered(size, size + 5));
});
afterEach(() => {
  own.database.close();
  folder.remove();
});

function state() {
  const found = own.store.find(enrollment);
  if (!found) throw new Error('no log');
  return found;
}

test('every kind of entry is proven against the newest checkpoint', () => {
  for (const index of [0, 1, 99, 100, 255, 256, 511, 1_023, 1_024, 1_280, 1_299]) {
    const proof = proveEntry(own.store, state(), index);
    const checkpoint = openCheckpoint(proof.checkpoint, signerOf(enrollment).verifier);
    expect(checkpoint.size).toBe(size);
    expect(proof.entry).toEqual(numbered(index, index + 1)[0]);
    verifyInclusion(index, size, leafHash(proof.entry), proof.path, checkpoint.root);
  }
});

test('an entry that no checkpoint covers can’t be proven, nor one that can’t be', () => {
  for (const index of [size, size + 4, 10_000, -1, 0.5]) {
    expect(codeOf(() => proveEntry(own.store, state(), index))).toBe('TB1448');
  }
});

test('the root at any size is that of the entries, read from stored subtree roots', () => {
  const maker = new BatchMaker();
  maker.grow(numbered(0, size));
  const nodes = new LogNodes(own.store, state());
  for (const at of [1, 2, 255, 256, 257, 512, 700, 1_024, 1_299, 1_300]) {
    expect(rootAt(at, nodes)).toEqual(maker.root(at));
  }
});

test('a proof carries the receipts of its very size and no others', () => {
  const newest = own.store.newestCheckpoint(own.log.id);
  const older = own.store.segmentEnding(own.log.id, 1_200);
  if (!newest || !older) throw new Error('no segments');
  const insert = own.database.prepare(
    'INSERT INTO receipt (log_id, receiver, size, cosignature, received_ms) VALUES (?, ?, ?, ?, 0)',
  );
  const [province, nation] = [mirrorOf('430000'), mirrorOf('100000')];
  insert.run(own.log.id, province.name, 1_300, cosign(newest.checkpoint, province, 1_000));
  insert.run(own.log.id, nation.name, 1_200, cosign(older.checkpoint, nation, 1_000));
  const { checkpoint } = proveEntry(own.store, state(), 7);
  const { signatures, bytes } = parseNote(checkpoint);
  expect(signatures.map(({ name }) => name)).toEqual([signerOf(enrollment).name, province.name]);
  const line = cosign(newest.checkpoint, province, 1_000);
  expect(verifyCosignature(bytes, line, province.verifier)).toEqual({ timeMs: 1_000 });
});
