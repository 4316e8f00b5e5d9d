import { readdirSync } from 'node:fs';
import { systemClock } from '../../core/base/clock.ts';
import { Fault } from '../../core/base/errors.ts';
import type { LogName } from '../../core/log/batch.ts';
import { cosignatureVerifier, cosigner, ed25519Verifier, type VerifierKey } from '../../core/log/keys.ts';
import type { Delivery } from '../../core/site/logs/receiving-store.ts';
import { type Asked, answerWith, isFatal, serveThread, threadData } from '../../core/site/thread.ts';
import type { LedgerLog } from './ledger.ts';
import type { DamagedFile, KeepAsk, LedgerAsks, LedgerThreadData, StoreAsk } from './ledger-asks.ts';
import { LedgerFile, ledgerPath } from './ledger-file.ts';

/**
 * A thread of the ledger: it owns the files of its origins. Everything that has arrived while it worked is
 * stored as one group, with one fsync for each file (I3).
 */
const data = threadData<LedgerThreadData>();
const mirror = cosigner(data.mirrorName, data.mirrorSeed, 'mirror');
const files = new Map<string, LedgerFile>();
const keys = new Map<string, VerifierKey>();

serveThread((asked) => {
  const stores = asked.filter(({ name }) => name === 'store');
  for (const [origin, group] of byOrigin(stores)) storeGroup(origin, group);
  for (const question of asked) if (question.name !== 'store') answerWith(question, () => answer(question));
});

function storeGroup(origin: string, group: readonly Asked[]): void {
  const deliveries = group.map(({ ask }): Delivery => {
    const { log, batch, fence, key } = ask as StoreAsk;
    const id = `${key.name} ${Buffer.from(key.publicKey).toString('hex')}`;
    const verifier = keys.get(id) ?? ed25519Verifier(key.name, key.publicKey);
    keys.set(id, verifier);
    return { log, batch, fence, verifier };
  });
  try {
    const outcomes = fileOf(origin).store(deliveries);
    for (const [i, question] of group.entries()) question.answer(outcomes[i]);
  } catch (error) {
    if (!(error instanceof Fault) || isFatal(error)) throw error; // I10
    for (const question of group) question.refuse(error);
  }
}

function answer({ name, ask }: Asked): unknown {
  const kind = name as keyof LedgerAsks;
  switch (kind) {
    case 'open': {
      const { log } = ask as LedgerAsks['open'][0];
      return fileOf(log.origin).open(log);
    }
    case 'head': {
      const { log } = ask as LedgerAsks['head'][0];
      return sending(log).head();
    }
    case 'compare': {
      const { log, position } = ask as LedgerAsks['compare'][0];
      return sending(log).compare(position);
    }
    case 'read': {
      const { log, from, bounds } = ask as LedgerAsks['read'][0];
      return sending(log).read(from, bounds);
    }
    case 'keep': {
      const { log, size, cosignature, receiver, site } = ask as KeepAsk;
      const verifier = cosignatureVerifier(receiver.name, receiver.publicKey);
      return sending(log).keep({ kind: 'ack', size, cosignature }, verifier, site);
    }
    case 'logs':
      return allLogs((ask as LedgerAsks['logs'][0]).origin);
    case 'close':
      for (const file of files.values()) file.close();
      files.clear();
      return undefined;
    case 'store':
      return undefined; // answered in its group
  }
}

/** A file that can't be opened is named; it does not hide the others. */
function allLogs(wanted: string | undefined): LedgerAsks['logs'][1] {
  const logs: LedgerLog[] = [];
  const damaged: DamagedFile[] = [];
  for (const origin of origins(wanted)) {
    try {
      logs.push(...fileOf(origin).logs());
    } catch (error) {
      if (!(error instanceof Fault) || isFatal(error)) throw error;
      damaged.push({ origin, code: error.code, parameters: error.parameters });
    }
  }
  return { logs, damaged };
}

function sending(log: LogName) {
  return fileOf(log.origin).sending(log);
}

function fileOf(origin: string): LedgerFile {
  const open = files.get(origin);
  if (open) return open;
  const file = new LedgerFile(ledgerPath(data.folder, { origin }), data.databaseKey, mirror, systemClock);
  files.set(origin, file);
  return file;
}

function origins(wanted: string | undefined): string[] {
  const found = readdirSync(data.folder).flatMap((name) => /^([0-9]{6})\.db$/.exec(name)?.[1] ?? []);
  const own = found.filter((origin) => Number(origin) % data.count === data.index);
  return wanted === undefined ? own.sort() : own.filter((origin) => origin === wanted);
}

function byOrigin(stores: readonly Asked[]): Map<string, Asked[]> {
  const groups = new Map<string, Asked[]>();
  for (const question of stores) {
    const { origin } = (question.ask as StoreAsk).log;
    const group = groups.get(origin);
    if (group) group.push(question);
    else groups.set(origin, [question]);
  }
  return groups;
}
