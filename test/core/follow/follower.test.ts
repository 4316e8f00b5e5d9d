import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Effect, Follower } from '../../../core/follow/follower.ts';
import { LogStore } from '../../../core/log/log-store.ts';
import type { Database } from '../../../core/store/database.ts';
import {
  append,
  bounds,
  enrollment,
  numbered,
  type OwnLog,
  openFile,
  openOwn,
} from '../../support/log-setting.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';
import { codeOf } from '../log/support.ts';

let folder: TemporaryFolder;
let own: OwnLog;
let target: Database;
const schema = 'CREATE TABLE IF NOT EXISTS taken (idx INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT';

beforeEach(() => {
  folder = new TemporaryFolder();
  own = openOwn(folder.file('site.db'));
  target = openFile(folder.file('records.db'));
  target.execute(schema);
});
afterEach(() => {
  own.database.close();
  target.close();
  folder.remove();
});

function taker(entriesMax = 1_000, into = target): Follower {
  const insert = into.prepare('INSERT INTO taken (idx, entry) VALUES (?, ?)');
  const effect: Effect = {
    apply: (entry, index) => {
      if (index % 5 === 3) return { code: 'F01', text: 'it can’t be read' };
      insert.run(index, entry);
      return undefined;
    },
  };
  return new Follower('taker', own.store, enrollment, into, effect, entriesMax);
}

function write(...sizes: number[]): void {
  for (const size of sizes) {
    append(own, numbered(own.log.size, own.log.size + size));
    own.log.cut(bounds);
  }
}

function rows(database = target): unknown {
  return [
    database.prepare('SELECT * FROM taken ORDER BY idx').all(),
    database.prepare('SELECT * FROM quarantine ORDER BY idx').all(),
    database.prepare('SELECT * FROM follower').all(),
  ];
}

function catchUp(follower: Follower): number {
  let rounds = 0;
  while (follower.once() > 0) rounds += 1;
  return rounds;
}

test('takes every signed entry once and stops where the checkpoints end', () => {
  const follower = taker();
  expect(follower.once()).toBe(0);
  write(10, 7);
  append(own, numbered(17, 20));
  expect(follower.once()).toBe(17);
  expect(follower.once()).toBe(0);
  expect(follower.position).toBe(17);
  expect(target.prepare('SELECT count(*) AS n FROM taken').get()).toEqual({ n: 14 });
});

test('takes whole segments, about as many entries as it may in one transaction', () => {
  write(10, 10, 10);
  const follower = taker(15);
  expect([follower.once(), follower.once(), follower.once()]).toEqual([20, 10, 0]);
});

test('sets an entry aside that it can’t accept, with its reason, and goes on (I11)', () => {
  write(10);
  taker().once();
  expect(target.prepare('SELECT * FROM quarantine').all()).toEqual(
    [3, 8].map((idx) => ({
      follower: 'taker',
      log: '430121/enrollment',
      idx,
      code: 'F01',
      text: 'it can’t be read',
    })),
  );
});

test('moves its position with its effects, or neither', () => {
  write(10);
  const effect: Effect = {
    apply: (entry, index) => {
      target.prepare('INSERT INTO taken (idx, entry) VALUES (?, ?)').run(index, entry);
      if (index === 6) throw new Error('a defect');
      return undefined;
    },
  };
  const broken = new Follower('taker', own.store, enrollment, target, effect, 100);
  expect(() => broken.once()).toThrow('a defect');
  expect(broken.position).toBe(0);
  expect(target.prepare('SELECT count(*) AS n FROM taken').get()).toEqual({ n: 0 });
  taker().once();
  expect(taker().position).toBe(10);
});

test('of two that run at once, the one that was overtaken between its read and its write changes nothing', () => {
  write(10);
  const overtaking = taker();
  let between: (() => void) | undefined = () => void overtaking.once();
  /** Stops between the reading of the position and the transaction. */
  class PausingStore extends LogStore {
    override segmentAt(id: number, index: number) {
      const act = between;
      between = undefined;
      act?.();
      return super.segmentAt(id, index);
    }
  }
  const seen: number[] = [];
  const effect: Effect = { apply: (_entry, index) => void seen.push(index) };
  const slow = new Follower('taker', new PausingStore(own.database), enrollment, target, effect, 100);
  expect(() => slow.once()).toThrow('one process runs this follower');
  expect(taker().position).toBe(10);
  expect(target.prepare('SELECT count(*) AS n FROM taken').get()).toEqual({ n: 8 });
  expect(seen).toHaveLength(10);
});

test('goes on inside a segment where its position says, and takes nothing again', () => {
  write(10);
  const follower = taker();
  target.execute('UPDATE follower SET size = 4');
  expect(follower.once()).toBe(6);
  const indexes = target.prepare<{ idx: number }>('SELECT idx FROM taken ORDER BY idx').all();
  expect(indexes.map(({ idx }) => idx)).toEqual([4, 5, 6, 7, 9]);
});

test('on a full disk it stays where it is and goes on when there is room', () => {
  write(10);
  const follower = taker();
  append(
    own,
    Array.from({ length: 100 }, (_, i) => Buffer.alloc(9_000, i)),
  );
  own.log.cut(bounds);
  target.limitBytes(1);
  expect(codeOf(() => catchUp(follower))).toBe('TB1105');
  expect(follower.position).toBe(0);
  target.limitBytes(2 ** 40);
  catchUp(follower);
  expect(follower.position).toBe(110);
});

test('rebuilt from nothing it gives the same tables, whatever the steps were', () => {
  const follower = taker(7);
  for (const size of [3, 9, 1, 20, 5]) {
    write(size);
    follower.once();
  }
  catchUp(follower);
  const again = openFile(folder.file('again.db'));
  again.execute(schema);
  catchUp(taker(1_000, again));
  expect(rows(again)).toEqual(rows());
  again.close();
});

test('two followers of one log have positions of their own', () => {
  write(10);
  taker().once();
  const other = new Follower('other', own.store, enrollment, target, { apply: () => undefined }, 100);
  expect(other.position).toBe(0);
  expect(other.once()).toBe(10);
  expect(taker().position).toBe(10);
});

test('holds no more than a bounded number of bytes of the log at a time', () => {
  const large = Array.from({ length: 120 }, (_, i) => Buffer.alloc(65_000, i));
  for (let i = 0; i < 6; i += 1) {
    append(own, large);
    own.log.cut(bounds);
  }
  const other = new Follower('other', own.store, enrollment, target, { apply: () => undefined }, 1e9);
  expect(other.once()).toBe(600);
  expect(other.once()).toBe(120);
});
