import { hash } from 'node:crypto';
import { Fault } from '../../base/errors.ts';
import type { VerifierKey } from '../../log/keys.ts';
import type { LogState, LogStore } from '../../log/log-store.ts';
import { type LogVerdict, verifyLog } from '../../log/verify-log.ts';
import { decodeBody } from '../../records/body.ts';
import type { Dataset } from '../../records/dataset.ts';
import { datasets } from '../../records/datasets.ts';
import { decodeEntry } from '../../records/entry.ts';

export interface LogReport extends LogVerdict {
  /** Entries that the log says it has. */
  readonly expected: number;
  /** Entries whose key and version an earlier entry of the log has too. */
  readonly duplicates: number;
}

/** Verifies one log on the disk and counts changes that stand in it twice. */
export function reportLog(
  store: LogStore,
  state: LogState,
  verifier: VerifierKey,
  progress: (size: number) => void,
): LogReport {
  const dataset = datasets.find(({ name }) => name === state.name.dataset);
  const seen = new Set<string>();
  let duplicates = 0;
  const visit = (bytes: Buffer) => {
    const change = dataset && changeOf(dataset, bytes);
    if (change === undefined) return;
    if (seen.has(change)) duplicates += 1;
    seen.add(change);
  };
  const verdict = verifyLog(store, state, verifier, visit, progress);
  return { ...verdict, expected: state.size, duplicates };
}

/**
 * Key and version of the record in an entry; undefined where there is none. What is no record was stored all
 * the same (I11), and is no damage of the log.
 */
function changeOf(dataset: Dataset, bytes: Buffer): string | undefined {
  try {
    const { key, body } = decodeEntry(bytes);
    if (body.length === 0) return undefined;
    const { ver } = decodeBody(dataset, body);
    // 96 bits of a hash instead of the key: a third of the memory, and no two keys of one log collide.
    return hash('sha256', `${key}\n${ver}`, 'binary').slice(0, 12);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
