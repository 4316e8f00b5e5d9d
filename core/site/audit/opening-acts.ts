import type { JournalRecord } from '../../seal/journal-record.ts';
import type { OpenSite } from '../open-site.ts';
import type { Act } from './audit.ts';
import { journalActs } from './journal-copy.ts';

export interface Opening {
  readonly site: string;
  readonly version: string;
  readonly journal: readonly JournalRecord[];
  /** When this process began, ms since 1970; undefined where its start is in `audit` already. */
  readonly startedMs: number | undefined;
  /** Done at the machine before anybody could be answered: who opened it there, what was installed. */
  readonly here?: readonly Act[];
}

/**
 * What a site writes into `audit` before it serves anybody: what its officers did while it was sealed, the
 * restart, the unsealing; one transaction. Throws TB1950 and TB1219: the site stays sealed.
 */
export function writeOpening({ audit, acts }: Pick<OpenSite, 'audit' | 'acts'>, opening: Opening): void {
  const { site, version, journal, startedMs, here = [] } = opening;
  const own = acts(site);
  const program = `tongbu ${version}`;
  const restart: Act = { kind: 'restart', step: 'started', by: 'site', subject: program };
  audit.write(
    ...(own ? journalActs(site, journal, own) : []),
    ...(startedMs === undefined ? [] : [{ ...restart, atMs: startedMs }]),
    ...here,
    { kind: 'restart', step: 'unsealed', by: 'site', subject: program },
  );
}
