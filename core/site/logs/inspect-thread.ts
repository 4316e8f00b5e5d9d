import { fault } from '../../base/errors.ts';
import type { LogName } from '../../log/batch.ts';
import { printLog } from '../../log/batch.ts';
import { ed25519Verifier } from '../../log/keys.ts';
import { LogStore } from '../../log/log-store.ts';
import { Database } from '../../store/database.ts';
import { answerWith, serveThread, threadData } from '../thread.ts';
import { type LogReport, reportLog } from './log-report.ts';
import type { OriginKey } from './origin-key.ts';

export interface InspectThreadData {
  readonly path: string;
  readonly databaseKey: Uint8Array;
  readonly log: LogName;
  readonly key: OriginKey;
  /** One BigInt64: entries hashed so far, for whoever shows progress. */
  readonly progress: SharedArrayBuffer;
}

export type InspectAsks = {
  verify: readonly [undefined, LogReport];
  close: readonly [undefined, undefined];
};

/** Hashes a log again on a connection of its own, so that receiving goes on meanwhile. */
serveThread((asked) => {
  for (const question of asked)
    answerWith(question, () => (question.name === 'verify' ? verify() : undefined));
});

function verify(): LogReport {
  const { path, databaseKey, log, key, progress } = threadData<InspectThreadData>();
  const database = Database.open({ path, key: databaseKey, mode: 'read', durability: 'full' });
  try {
    const store = new LogStore(database);
    const state = store.find(log);
    if (!state) throw fault('TB1447', { log: printLog(log) });
    const done = new BigInt64Array(progress);
    return reportLog(store, state, ed25519Verifier(key.name, key.publicKey), (size) => {
      Atomics.store(done, 0, BigInt(size));
    });
  } finally {
    database.close();
  }
}
