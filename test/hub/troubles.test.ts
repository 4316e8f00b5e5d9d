import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../core/base/logger.ts';
import type { LogName } from '../../core/log/batch.ts';
import { publicKeyOf } from '../../core/log/keys.ts';
import { originLine } from '../../core/log/log-origin.ts';
import { SqliteLedger } from '../../hub/ledger/sqlite-ledger.ts';
import { RecordFollower } from '../../hub/records/record-follower.ts';
import { Troubles } from '../../hub/troubles.ts';
import {
  BatchMaker,
  databaseKey,
  enrollment,
  mirrorOf,
  numbered,
  seedOf,
  trustDomain,
} from '../support/log-setting.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import { TemporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = new TemporaryFolder();
});
afterEach(() => folder.remove());

const damaged = '430122';
const clock = new SimulatedClock();
const failed = (error: unknown) => {
  throw error;
};

/** A ledger with one whole file and one that is no database. */
function ledgerWithDamage(troubles: Troubles): SqliteLedger {
  const ledger = join(folder.path, 'ledger');
  mkdirSync(ledger, { recursive: true });
  writeFileSync(join(ledger, `${damaged}.db`), Buffer.alloc(8_192, 7));
  const data = {
    folder: ledger,
    databaseKey,
    mirrorName: mirrorOf('430000').name,
    mirrorSeed: seedOf('mirror 430000'),
  };
  return new SqliteLedger(data, 2, clock, troubles, failed);
}

async function storeOne(ledger: SqliteLedger, log: LogName): Promise<void> {
  const { fence } = await ledger.open(log);
  const maker = new BatchMaker();
  maker.grow(numbered(0, 10));
  const key = { name: originLine(trustDomain, log), publicKey: publicKeyOf(seedOf(log.origin)) };
  const outcome = await ledger.store(log, maker.batch(0, 10), fence, key);
  expect(outcome).toMatchObject({ kind: 'accepted', size: 10 });
}

test('a damaged ledger file costs its own county and is named; the others are received and listed', async () => {
  const troubles = new Troubles(silentLogger);
  const ledger = ledgerWithDamage(troubles);
  try {
    await storeOne(ledger, enrollment);
    expect((await ledger.logs()).map(({ log }) => log.origin)).toEqual([enrollment.origin]);
    expect(troubles.list()).toMatchObject([{ origin: damaged, fault: { code: 'TB1103' } }]);
    await expect(ledger.open({ origin: damaged, dataset: 'claims' })).rejects.toMatchObject({
      code: 'TB1103',
    });
  } finally {
    await ledger.close();
  }
});

test('records of the other origins are followed beside a damaged file', async () => {
  const troubles = new Troubles(silentLogger);
  const ledger = ledgerWithDamage(troubles);
  const paths = { ledger: join(folder.path, 'ledger'), records: join(folder.path, 'records') };
  const ports = { clock, troubles, failed, followed: () => {} };
  const records = new RecordFollower({ ...paths, databaseKey }, ports);
  try {
    await storeOne(ledger, enrollment);
    await records.start();
    await until(
      'both origins were looked at',
      () => records.of(enrollment).recorded === 10 && troubles.list().length === 1,
    );
    expect(troubles.list()).toMatchObject([{ origin: damaged, fault: { code: 'TB1103' } }]);
  } finally {
    await records.close();
    await ledger.close();
  }
});
