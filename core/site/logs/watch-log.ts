import type { Clock } from '../../base/clock.ts';
import { decodeEntry } from '../../records/entry.ts';
import { recordView } from '../../records/record-view.ts';
import type { OpenSite } from '../open-site.ts';

/** How long a reader waits at most for the next look; a watch is for screens, not for replication. */
const pollMs = 500;

/** Entries of an own log from `from` on, as they are written; ends with the call. */
export async function* watchLog(
  site: OpenSite,
  dataset: string,
  from: number,
  signal: AbortSignal,
  clock: Clock,
): AsyncGenerator<object> {
  const intake = site.intake(dataset);
  let next = from;
  while (!signal.aborted) {
    const entries = intake.entries(next, 500);
    for (const bytes of entries) {
      const { key, operation, body } = decodeEntry(bytes);
      const json = body.length > 0 ? JSON.stringify(recordView(intake.dataset, body, 'masked').fields) : '';
      yield { index: next, key, operation, json };
      next += 1;
    }
    if (entries.length === 0) await clock.sleep(pollMs, signal);
  }
}
