import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fault } from '../../core/base/errors.ts';
import { Follower } from '../../core/follow/follower.ts';
import { ChangeLog } from '../../core/log/change-log.ts';
import { LogStore } from '../../core/log/log-store.ts';
import { verifyLog } from '../../core/log/verify-log.ts';
import { type Delivery, ReceivingStore } from '../../core/site/logs/receiving-store.ts';
import { SendingStore } from '../../core/site/logs/sending-store.ts';
import type { Database } from '../../core/store/database.ts';
import { FaultPlan, failing, InjectedError } from '../support/failing-database.ts';
import {
  append,
  BatchMaker,
  bounds,
  enrollment,
  mirrorOf,
  numbered,
  openFile,
  openOwn,
  signerOf,
} from '../support/log-setting.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import { TemporaryFolder } from '../support/temporary-folder.ts';

/*
 * Each durable step fails: before anything of it happened, or after it happened and nobody heard.
 * Afterwards the process is gone (I10) and another one reads the truth from the disk.
 */

const clock = new SimulatedClock();
const whens = ['before', 'after'] as const;
let folder: TemporaryFolder;
let path: string;

beforeEach(() => {
  folder = TemporaryFolder.inMemory();
  path = folder.file('site.db');
});
afterEach(() => folder.remove());

/** Runs `act` with every step failing in turn; `check` sees the disk of each. Returns how many failed. */
function everyStep(
  when: 'before' | 'after',
  prepare: (database: Database) => void,
  act: (database: Database) => void,
  check: (database: Database, step: number) => void,
): number {
  for (let step = 0; step < 1_000; step += 1) {
    path = folder.file(`${when}-${step}.db`);
    let database = openFile(path);
    prepare(database);
    const plan = new FaultPlan(step, when);
    try {
      act(failing(database, plan));
    } catch (error) {
      if (!(error instanceof InjectedError)) throw error;
    }
    database.close();
    database = openFile(path);
    check(database, step);
    database.close();
    if (!plan.fired) return step;
  }
  throw new Error('it never ends');
}

describe.each(whens)('a crash %s a durable step', (when) => {
  test('of a cut loses no entry and signs no size twice (I2, I4)', () => {
    const notes = new Map<number, string>();
    const steps = everyStep(
      when,
      (database) => {
        const own = { database, store: new LogStore(database), log: openLog(database) };
        append(own, numbered(0, 300));
        own.log.cut(bounds);
        append(own, numbered(300, 600));
      },
      (database) => openLog(database).cut(bounds),
      (database) => {
        const log = openLog(database);
        const entries = [0, 300].flatMap((from) => log.entries(from, 1_000));
        expect(entries).toEqual(numbered(0, 600));
        log.cut(bounds);
        const store = new LogStore(database);
        const state = store.find(enrollment);
        if (!state) throw new Error('no log');
        const verdict = verifyLog(store, state, signerOf(enrollment).verifier, undefined, () => {});
        expect(verdict).toMatchObject({ size: 600, signed: 600, bad: undefined });
        const note = Buffer.from(store.newestCheckpoint(state.id)?.checkpoint ?? []).toString();
        expect(notes.get(600) ?? note).toBe(note);
        notes.set(600, note);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(5);
  });

  test('of receiving answers nothing, and the same batches again are stored once (I3, I6)', () => {
    const maker = new BatchMaker();
    maker.grow(numbered(0, 600));
    const receive = (database: Database) => {
      const receiving = new ReceivingStore(new LogStore(database), mirrorOf('430000'), clock);
      const { fence, position } = receiving.open(enrollment);
      const batches = [maker.batch(0, 200), maker.batch(200, 500), maker.batch(500, 600)];
      const deliveries = batches
        .filter(({ first }) => first >= position.size)
        .map((batch): Delivery => ({ log: enrollment, batch, fence, verifier: maker.signer.verifier }));
      return { position, outcomes: receiving.store(deliveries) };
    };
    const steps = everyStep(
      when,
      () => undefined,
      (database) => void receive(database),
      (database) => {
        const { position, outcomes } = receive(database);
        expect([0, 600]).toContain(position.size);
        expect(position.root).toEqual(maker.root(position.size));
        for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'accepted', size: 600 });
        const store = new LogStore(database);
        const state = store.find(enrollment);
        if (!state) throw new Error('no log');
        const verdict = verifyLog(store, state, maker.signer.verifier, undefined, () => {});
        expect(verdict).toMatchObject({ size: 600, root: maker.root(), bad: undefined });
        expect(database.prepare('SELECT count(*) AS n FROM segment').get()).toEqual({ n: 3 });
      },
    );
    expect(steps).toBeGreaterThanOrEqual(10);
  });

  test('of keeping a receipt leaves the older receipt or the newer, never another', () => {
    const maker = new BatchMaker();
    maker.grow(numbered(0, 20));
    const mirror = mirrorOf('430000');
    const steps = everyStep(
      when,
      (database) => receiveAll(database, maker),
      (database) => keep(database, maker, 20),
      (database) => {
        const row = database.prepare<{ size: number }>('SELECT size FROM receipt').get();
        expect([10, 20]).toContain(row?.size);
        keep(database, maker, 20);
        keep(database, maker, 10);
        expect(database.prepare('SELECT receiver, size FROM receipt').all()).toEqual([
          { receiver: mirror.name, size: 20 },
        ]);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(2);
  });

  test('of a follower skips no entry and repeats none', () => {
    const maker = new BatchMaker();
    maker.grow(numbered(0, 20));
    const schema = 'CREATE TABLE IF NOT EXISTS taken (idx INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT';
    const run = (database: Database) => {
      const insert = database.prepare('INSERT INTO taken (idx, entry) VALUES (?, ?)');
      const apply = (entry: Uint8Array, index: number) => void insert.run(index, entry);
      const follower = new Follower('taker', new LogStore(database), enrollment, database, { apply }, 10);
      while (follower.once() > 0);
      return follower.position;
    };
    const steps = everyStep(
      when,
      (database) => {
        receiveAll(database, maker);
        database.execute(schema);
      },
      (database) => void run(database),
      (database) => {
        expect(run(database)).toBe(20);
        const taken = database
          .prepare<{ idx: number; entry: Buffer }>('SELECT * FROM taken ORDER BY idx')
          .all();
        expect(taken.map(({ entry }) => entry)).toEqual(maker.entries);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(20);
  });
});

test('a full disk at any step of receiving is a refusal with the old position, and the next try succeeds', () => {
  const maker = new BatchMaker();
  maker.grow(numbered(0, 600));
  const mirror = mirrorOf('430000');
  let fired = true;
  for (let step = 0; fired; step += 1) {
    const database = openFile(folder.file(`full-${step}.db`));
    new ReceivingStore(new LogStore(database), mirror, clock).open(enrollment);
    const plan = new FaultPlan(step, 'before', () => fault('TB1105', { path: 'x' }));
    const receiving = new ReceivingStore(new LogStore(failing(database, plan)), mirror, clock);
    const begin = () => {
      try {
        return receiving.open(enrollment);
      } catch (error) {
        expect(error).toMatchObject({ code: 'TB1105', retry: true });
        return receiving.open(enrollment);
      }
    };
    const { fence } = begin();
    const { verifier } = maker.signer;
    const batches = [maker.batch(0, 300), maker.batch(300, 600)];
    const deliveries = batches.map((batch): Delivery => ({ log: enrollment, batch, fence, verifier }));
    const outcomes = receiving.store(deliveries);
    if (outcomes[0]?.kind === 'refused') {
      for (const outcome of outcomes) expect(outcome).toMatchObject({ code: 'storage', size: 0 });
      expect(database.prepare('SELECT count(*) AS n FROM segment').get()).toEqual({ n: 0 });
      for (const outcome of receiving.store(deliveries))
        expect(outcome).toMatchObject({ kind: 'accepted', size: 600 });
    } else {
      for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'accepted', size: 600 });
    }
    ({ fired } = plan);
    database.close();
  }
});

function openLog(database: Database): ChangeLog {
  return new ChangeLog(new LogStore(database), enrollment, signerOf(enrollment), clock);
}

/** Two batches of ten in the file, and the receipt of the first. */
function receiveAll(database: Database, maker: BatchMaker): void {
  const receiving = new ReceivingStore(new LogStore(database), mirrorOf('430121'), clock);
  const { fence } = receiving.open(enrollment);
  const { verifier } = maker.signer;
  for (const from of [0, 10]) {
    receiving.store([{ log: enrollment, batch: maker.batch(from, from + 10), fence, verifier }]);
  }
  keep(database, maker, 10);
}

function keep(database: Database, maker: BatchMaker, size: number): void {
  const folder = TemporaryFolder.inMemory();
  const above = openOwn(folder.file('above.db'));
  const receiving = new ReceivingStore(above.store, mirrorOf('430000'), clock);
  const { fence } = receiving.open(enrollment);
  const { verifier } = maker.signer;
  const [outcome] = receiving.store([{ log: enrollment, batch: maker.batch(0, size), fence, verifier }]);
  above.database.close();
  folder.remove();
  if (outcome?.kind !== 'accepted') throw new Error('not accepted');
  const sending = new SendingStore(new LogStore(database), enrollment, undefined, clock);
  const { cosignature } = outcome;
  sending.keep({ kind: 'ack', size, cosignature }, mirrorOf('430000').verifier, '430000');
}
