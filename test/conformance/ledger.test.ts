import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../core/base/logger.ts';
import { type Batch, type LogName, printLog } from '../../core/log/batch.ts';
import { openCheckpoint } from '../../core/log/checkpoint.ts';
import { cosign, verifyCosignature } from '../../core/log/cosignature.ts';
import { cosignatureVerifier, ed25519Verifier, publicKeyOf } from '../../core/log/keys.ts';
import { leafHash } from '../../core/log/leaf.ts';
import { mirrorName } from '../../core/log/log-origin.ts';
import { verifyInclusion } from '../../core/log/proof.ts';
import type { OriginKey } from '../../core/site/logs/origin-key.ts';
import type { Ledger } from '../../hub/ledger/ledger.ts';
import { LedgerFile, ledgerPath } from '../../hub/ledger/ledger-file.ts';
import { SqliteLedger } from '../../hub/ledger/sqlite-ledger.ts';
import { Troubles } from '../../hub/troubles.ts';
import {
  BatchMaker,
  bounds,
  databaseKey,
  enrollment,
  mirrorOf,
  numbered,
  seedOf,
  trustDomain,
} from '../support/log-setting.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import { TemporaryFolder } from '../support/temporary-folder.ts';

/** What every adapter of the ledger's port does; `inspects` has the parts that need a reader of its own. */
interface Adapter {
  readonly name: string;
  open(
    folder: string,
  ): Pick<Ledger, 'open' | 'store' | 'head' | 'compare' | 'read' | 'keep' | 'logs' | 'close'>;
}

const mirror = mirrorOf('430000');
const clock = new SimulatedClock();

function sqliteLedger(folder: string): SqliteLedger {
  const data = { folder, databaseKey, mirrorName: mirror.name, mirrorSeed: seedOf('mirror 430000') };
  return new SqliteLedger(data, 2, clock, new Troubles(silentLogger), (error) => {
    throw error;
  });
}

/** The same file without its thread. */
function inThread(folder: string): ReturnType<Adapter['open']> {
  const files = new Map<string, LedgerFile>();
  const fileOf = (log: Pick<LogName, 'origin'>) => {
    const file = files.get(log.origin) ?? new LedgerFile(ledgerPath(folder, log), databaseKey, mirror, clock);
    files.set(log.origin, file);
    return file;
  };
  return {
    open: async (log) => fileOf(log).open(log),
    store: async (log, batch, fence, key) => {
      const verifier = ed25519Verifier(key.name, key.publicKey);
      const [outcome] = fileOf(log).store([{ log, batch, fence, verifier }]);
      if (!outcome) throw new RangeError('no outcome');
      return outcome;
    },
    head: async (log) => fileOf(log).sending(log).head(),
    compare: async (log, position) => fileOf(log).sending(log).compare(position),
    read: async (log, from, within) => fileOf(log).sending(log).read(from, within),
    keep: async (log, ack, receiver, site) => {
      const verifier = cosignatureVerifier(receiver.name, receiver.publicKey);
      fileOf(log)
        .sending(log)
        .keep({ kind: 'ack', ...ack }, verifier, site);
    },
    logs: async (origin) =>
      [...files.keys()]
        .filter((code) => origin === undefined || code === origin)
        .flatMap((code) => fileOf({ origin: code }).logs()),
    close: async () => {
      for (const file of files.values()) file.close();
    },
  };
}

const adapters: readonly Adapter[] = [
  { name: 'SqliteLedger', open: sqliteLedger },
  { name: 'LedgerFile in this thread', open: inThread },
];

function keyOf(log: LogName): OriginKey {
  return { name: `${trustDomain}/${printLog(log)}`, publicKey: publicKeyOf(seedOf(log.origin)) };
}

let folder: TemporaryFolder;
beforeEach(() => {
  folder = TemporaryFolder.inMemory();
});
afterEach(() => folder.remove());

describe.each(adapters)('$name', ({ open }) => {
  let ledger: ReturnType<Adapter['open']>;
  let maker: BatchMaker;
  let fence: number;

  beforeEach(async () => {
    ledger = open(folder.path);
    maker = new BatchMaker();
    maker.grow(numbered(0, 600));
    ({ fence } = await ledger.open(enrollment));
  });
  afterEach(() => ledger.close());

  const store = (batch: Batch, withFence = fence) =>
    ledger.store(enrollment, batch, withFence, keyOf(enrollment));
  const position = async () => {
    const { size, root } = (await ledger.open(enrollment)).position;
    return { size, root: Buffer.from(root) };
  };

  test('answers what it durably holds, also after a restart (I3)', async () => {
    expect(await store(maker.batch(0, 300))).toMatchObject({ kind: 'accepted', size: 300 });
    await ledger.close();
    ledger = open(folder.path);
    expect(await position()).toEqual({ size: 300, root: maker.root(300) });
  });

  test('gives a receipt over the origin’s own note, for the newest size that it holds', async () => {
    await store(maker.batch(0, 300));
    const newest = await store(maker.batch(300, 600));
    const again = await store(maker.batch(0, 300));
    for (const outcome of [newest, again]) {
      if (outcome.kind !== 'accepted') throw new Error('refused');
      expect(outcome.size).toBe(600);
      expect(verifyCosignature(maker.note(600), outcome.cosignature, mirror.verifier).timeMs).toBeGreaterThan(
        0,
      );
    }
  });

  test('refuses with the position what it can’t prove, and keeps all it has', async () => {
    await store(maker.batch(0, 300));
    const refusals = await Promise.all([
      store(maker.batch(301, 400)),
      store(maker.batch(299, 400)),
      store(maker.batch(300, 400, { checkpoint: maker.note(400, Buffer.alloc(32)) })),
      store(
        maker.batch(300, 400, {
          checkpoint: new BatchMaker(enrollment, seedOf('a thief')).note(400, maker.root(400)),
        }),
      ),
      store(maker.batch(300, 400), fence - 1),
    ]);
    expect(refusals.map((said) => (said.kind === 'refused' ? [said.code, said.size] : said))).toEqual([
      ['gap', 300],
      ['overlap', 300],
      ['root', 300],
      ['signature', 300],
      ['fenced', 300],
    ]);
    expect((await position()).size).toBe(300);
  });

  test('stores batches that come without waiting, in order', async () => {
    const outcomes = await Promise.all(
      [0, 100, 200, 300, 400, 500].map((from) => store(maker.batch(from, from + 100))),
    );
    for (const outcome of outcomes) expect(outcome.kind).toBe('accepted');
    expect((await position()).root).toEqual(maker.root());
  });

  test('a newer session fences the older one (I8)', async () => {
    const newer = await ledger.open(enrollment);
    expect(await store(maker.batch(0, 100))).toMatchObject({ kind: 'refused', code: 'fenced' });
    expect(await store(maker.batch(0, 100), newer.fence)).toMatchObject({ kind: 'accepted' });
  });

  test('sends on what it received: the same notes, from wherever the receiver stands', async () => {
    await store(maker.batch(0, 300));
    await store(maker.batch(300, 600));
    const head = await ledger.head(enrollment);
    expect(head.size).toBe(600);
    expect(Buffer.from(head.checkpoint)).toEqual(maker.note(600));
    const batch = await ledger.read(enrollment, 120, bounds);
    expect(batch).toMatchObject({ first: 120, count: 480 });
    expect(await ledger.read(enrollment, 600, bounds)).toBeUndefined();
    const verdicts = [0, 120, 300, 600].map((size) =>
      ledger.compare(enrollment, { size, root: maker.root(size) }),
    );
    expect(await Promise.all(verdicts)).toEqual(['same', 'same', 'same', 'same']);
    expect(await ledger.compare(enrollment, { size: 601, root: Buffer.alloc(32) })).toBe('ahead');
    expect(await ledger.compare(enrollment, { size: 300, root: Buffer.alloc(32) })).toBe('fork');
    expect(await ledger.compare(enrollment, { size: 120, root: Buffer.alloc(32) })).toBe('fork');
  });

  test('keeps a receipt that is proven, the newest for each receiver, and no other', async () => {
    await store(maker.batch(0, 300));
    await store(maker.batch(300, 600));
    const above = mirrorOf('100000');
    const receiver = { name: mirrorName(trustDomain, '100000'), publicKey: above.verifier.publicKey };
    const said = (size: number, by = above) => ({ size, cosignature: cosign(maker.note(size), by, 5_000) });
    await ledger.keep(enrollment, said(600), receiver, '100000');
    await ledger.keep(enrollment, said(300), receiver, '100000');
    const forged = { size: 600, cosignature: said(600, mirrorOf('430181')).cosignature };
    await expect(ledger.keep(enrollment, forged, receiver, '100000')).rejects.toMatchObject({
      code: 'TB1444',
    });
    await expect(
      ledger.keep(enrollment, { ...said(600), size: 450 }, receiver, '100000'),
    ).rejects.toMatchObject({ code: 'TB1444' });
    const [log] = await ledger.logs('430121');
    expect(log).toMatchObject({
      log: enrollment,
      size: 600,
      receipts: [{ receiver: receiver.name, size: 600 }],
    });
  });

  test('keeps origins apart and lists them all', async () => {
    const other: LogName = { origin: '430122', dataset: 'claims' };
    const claims = new BatchMaker(other);
    claims.grow(numbered(0, 20));
    const opened = await ledger.open(other);
    expect(await ledger.store(other, claims.batch(0, 20), opened.fence, keyOf(other))).toMatchObject({
      kind: 'accepted',
    });
    const crossed = await ledger.store(other, maker.batch(0, 20), opened.fence, keyOf(other));
    expect(crossed).toMatchObject({ kind: 'refused', size: 20 });
    const logs = await ledger.logs();
    expect(logs.map(({ log, size }) => `${printLog(log)} ${size}`)).toEqual([
      '430121/enrollment 0',
      '430122/claims 20',
    ]);
    expect(await ledger.logs('430122')).toHaveLength(1);
  });
});

describe('SqliteLedger', () => {
  test('verifies, proves and exports a log beside the running work', async () => {
    const ledger = sqliteLedger(folder.path);
    const maker = new BatchMaker();
    maker.grow(numbered(0, 600));
    const { fence } = await ledger.open(enrollment);
    await ledger.store(enrollment, maker.batch(0, 600), fence, keyOf(enrollment));
    const report = await ledger.verify(enrollment, keyOf(enrollment), () => {});
    expect(report).toMatchObject({ size: 600, bad: undefined });
    const proof = await ledger.prove(enrollment, 321);
    const checkpoint = openCheckpoint(proof.checkpoint, maker.signer.verifier);
    verifyInclusion(321, 600, leafHash(proof.entry), proof.path, checkpoint.root);
    const paths: string[] = [];
    await ledger.export(enrollment, (path) => void paths.push(path));
    expect(paths.sort()).toEqual([
      'checkpoint',
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/88',
      'tile/1/000.p/2',
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002.p/88',
    ]);
    await expect(ledger.prove({ origin: '430121', dataset: 'claims' }, 0)).rejects.toMatchObject({
      code: 'TB1447',
    });
    await ledger.close();
  });
});
