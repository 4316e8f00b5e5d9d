import type { Clock } from '../../base/clock.ts';
import { Thread } from '../thread.ts';
import type { InspectAsks, InspectThreadData } from './inspect-thread.ts';
import type { LogReport } from './log-report.ts';

const script = new URL('./inspect-thread.ts', import.meta.url);

/** Hashes one log again in a thread and on a connection of its own; `progress` hears the size so far. */
export async function inspectLog(
  what: Omit<InspectThreadData, 'progress'>,
  clock: Clock,
  progress: (size: number) => void,
): Promise<LogReport> {
  const shared = new SharedArrayBuffer(8);
  const thread = new Thread<InspectAsks>(script, { ...what, progress: shared }, () => undefined);
  const ended = new AbortController();
  void watch(new BigInt64Array(shared), clock, progress, ended.signal);
  try {
    return await thread.ask('verify', undefined);
  } finally {
    ended.abort();
    await thread.close();
  }
}

async function watch(
  done: BigInt64Array,
  clock: Clock,
  progress: (size: number) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(500, signal);
    if (!signal.aborted) progress(Number(Atomics.load(done, 0)));
  }
}
