import { afterEach, beforeEach, expect, test } from 'vitest';
import { cosign } from '../../../../core/log/cosignature.ts';
import { SendingStore } from '../../../../core/site/logs/sending-store.ts';
import {
  append,
  BatchMaker,
  bounds,
  enrollment,
  mirrorOf,
  numbered,
  type OwnLog,
  openOwn,
  seedOf,
} from '../../../support/log-setting.ts';
import { TemporaryFolder } from '../../../support/temporary-folder.ts';

let folder: TemporaryFolder;
let own: OwnLog;
let sending: SendingStore;
const mirror = mirrorOf('430000');

beforeEach(() => {
  folder = TemporaryFolder.inMemory();
  own = openOwn(folder.file('site.db'));
  sending = new SendingStore(own.store, enrollment, own.log, own.clock);
  for (const end of [10, 20]) {
    append(own, numbered(end - 10, end));
    own.log.cut(bounds);
  }
});
afterEach(() => {
  own.database.close();
  folder.remove();
});

function receiptOf(size: number, key = mirror) {
  const segment = own.store.segmentEnding(1, size);
  if (!segment) throw new RangeError(`no checkpoint of size ${size}`);
  return { kind: 'ack', size, cosignature: cosign(segment.checkpoint, key, 1_790_000_000_000) } as const;
}

function receipts(): unknown[] {
  return own.database.prepare('SELECT receiver, size FROM receipt').all();
}

test('a receipt counts when its receiver’s key signed our own checkpoint of that size, else never', () => {
  sending.keep(receiptOf(10), mirror.verifier, '430000');
  expect(receipts()).toEqual([{ receiver: mirror.name, size: 10 }]);
  const refused = expect.objectContaining({ code: 'TB1444' });
  const strange = { ...receiptOf(20), cosignature: receiptOf(20, mirrorOf('430105')).cosignature };
  for (const ack of [strange, { ...receiptOf(10), size: 20 }, { ...receiptOf(20), size: 15 }]) {
    expect(() => sending.keep(ack, mirror.verifier, '430000')).toThrow(refused);
  }
  expect(receipts()).toEqual([{ receiver: mirror.name, size: 10 }]);
});

test('a receipt for less never replaces one for more', () => {
  sending.keep(receiptOf(20), mirror.verifier, '430000');
  sending.keep(receiptOf(10), mirror.verifier, '430000');
  expect(receipts()).toEqual([{ receiver: mirror.name, size: 20 }]);
});

test('a position is ours, ahead of us, or another history', () => {
  const truth = new BatchMaker();
  truth.grow(numbered(0, 30));
  const fork = new BatchMaker(enrollment, seedOf('fork'));
  fork.grow([...numbered(0, 3), Buffer.from('another history'), ...numbered(4, 30)]);
  for (const size of [0, 7, 10, 13, 20]) {
    expect(sending.compare({ size, root: truth.root(size) })).toBe('same');
  }
  for (const size of [7, 10, 20]) expect(sending.compare({ size, root: fork.root(size) })).toBe('fork');
  expect(sending.compare({ size: 0, root: truth.root(1) })).toBe('fork');
  for (const size of [21, 30]) expect(sending.compare({ size, root: truth.root(size) })).toBe('ahead');
});

test('what no checkpoint covers yet is signed when its receiver asks for it, and not before', () => {
  append(own, numbered(20, 25));
  expect(sending.head().size).toBe(25);
  expect(own.store.find(enrollment)?.signed).toBe(20);
  expect(sending.read(15, bounds)).toMatchObject({ first: 15, count: 5 });
  expect(own.store.find(enrollment)?.signed).toBe(20);
  expect(sending.read(20, bounds)).toMatchObject({ first: 20, count: 5 });
  expect(own.store.find(enrollment)?.signed).toBe(25);
  expect(sending.read(25, bounds)).toBeUndefined();
});
