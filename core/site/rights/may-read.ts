import { fault } from '../../base/errors.ts';
import type { Peer } from '../../link/channel.ts';
import type { LogName } from '../../log/batch.ts';

/** What an auditor may read the entries of: acts, and what is public among sites anyway. */
const withoutInsured: ReadonlySet<string> = new Set(['audit', 'registry', 'catalog']);

/** Roles that may read acts. */
const readersOfActs: ReadonlySet<string> = new Set(['officer', 'operator', 'auditor']);

/**
 * Whether a caller may read contents of a log: the auditor nothing of the insured, and nobody acts but
 * officers, operators and auditors. Throws TB1951.
 */
export function checkMayRead({ role }: Pick<Peer, 'role'>, log: LogName): void {
  const acts = log.dataset !== 'audit' || readersOfActs.has(role);
  const insured = role !== 'auditor' || withoutInsured.has(log.dataset);
  if (acts && insured) return;
  throw fault('TB1951', { role, log: `${log.origin}/${log.dataset}` });
}
