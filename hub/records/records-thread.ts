import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { Follower } from '../../core/follow/follower.ts';
import { RecordTables } from '../../core/intake/record-table.ts';
import { type LogName, printLog } from '../../core/log/batch.ts';
import { LogStore } from '../../core/log/log-store.ts';
import { datasets } from '../../core/records/datasets.ts';
import { recordEffect } from '../../core/site/logs/record-effect.ts';
import { answerWith, serveThread, threadData } from '../../core/site/thread.ts';
import { Database } from '../../core/store/database.ts';
import { migrate } from '../../core/store/migrate.ts';

export interface RecordsThreadData {
  readonly ledger: string;
  readonly records: string;
  readonly databaseKey: Uint8Array;
}

export interface FollowState {
  readonly log: LogName;
  readonly recorded: number;
  readonly quarantined: number;
}

export type RecordsAsks = {
  /** One transaction for each log of the origin; `taken` is 0 when nothing was left. */
  follow: readonly [{ origin: string }, { taken: number; states: FollowState[] }];
  origins: readonly [undefined, string[]];
  close: readonly [undefined, undefined];
};

/**
 * 50,000 rows a transaction: sorted writes pay off, and a county's bulk load still lets others in between.
 */
const entriesMax = 50_000;

/**
 * The follower that keeps record tables: it reads an origin's ledger file and writes another, so receiving
 * never waits for it, and what it writes can be deleted and made again.
 */
const data = threadData<RecordsThreadData>();
// Receiving goes before following. Linux counts niceness for each thread; elsewhere the whole process has it.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_LOW);
const origins = new Map<string, OriginRecords>();

serveThread((asked) => {
  for (const question of asked) {
    answerWith(question, () => {
      if (question.name === 'follow') return follow((question.ask as { origin: string }).origin);
      if (question.name === 'origins') return ledgerOrigins();
      for (const { source, target } of origins.values()) {
        source.database.close();
        target.close();
      }
      return undefined;
    });
  }
});

interface OriginRecords {
  readonly source: LogStore;
  readonly target: Database;
  readonly followers: Map<string, Follower>;
}

function follow(origin: string): { taken: number; states: FollowState[] } {
  const records = recordsOf(origin);
  let taken = 0;
  const states: FollowState[] = [];
  for (const { name } of records.source.all()) {
    const follower = followerOf(records, name);
    if (!follower) continue;
    taken += follower.once();
    const row = records.target
      .prepare<{ n: number }>('SELECT count(*) AS n FROM quarantine WHERE log = ?')
      .get(printLog(name));
    states.push({ log: name, recorded: follower.position, quarantined: row?.n ?? 0 });
  }
  return { taken, states };
}

function recordsOf(origin: string): OriginRecords {
  const known = origins.get(origin);
  if (known) return known;
  const key = data.databaseKey;
  const ledger = Database.open({
    path: `${data.ledger}/${origin}.db`,
    key,
    mode: 'read',
    durability: 'full',
  });
  const path = `${data.records}/${origin}.db`;
  const target = openTarget(path, key, ledger);
  const records = { source: new LogStore(ledger), target, followers: new Map<string, Follower>() };
  origins.set(origin, records);
  return records;
}

/** A record file that can't be opened leaves no ledger file open behind it. */
function openTarget(path: string, key: Uint8Array, ledger: Database): Database {
  try {
    const target = Database.open({ path, key, mode: 'ensure', durability: 'derived' });
    migrate(target, [Follower.schema]);
    return target;
  } catch (error) {
    ledger.close();
    throw error;
  }
}

function followerOf(records: OriginRecords, name: LogName): Follower | undefined {
  const known = records.followers.get(name.dataset);
  if (known) return known;
  const dataset = datasets.find((candidate) => candidate.name === name.dataset);
  if (!dataset) return undefined;
  const effect = recordEffect(new RecordTables(records.target, dataset));
  const follower = new Follower('records', records.source, name, records.target, effect, entriesMax);
  records.followers.set(name.dataset, follower);
  return follower;
}

function ledgerOrigins(): string[] {
  return readdirSync(data.ledger).flatMap((name) => /^([0-9]{6})\.db$/.exec(name)?.[1] ?? []);
}
