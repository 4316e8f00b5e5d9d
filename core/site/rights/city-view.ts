import type { Peer } from '../../link/channel.ts';
import type { LogName } from '../../log/batch.ts';

/** What of a hub's status somebody sees. */
export interface StatusView {
  site(code: string): boolean;
  log(log: LogName): boolean;
  /** The hub's own lanes to the hub above. */
  readonly links: boolean;
}

const everything: StatusView = { site: () => true, log: () => true, links: true };

/** A city sees the sites whose code begins with its own four digits, and no audit log; others see all. */
export function statusViewOf({ role, site: code }: Pick<Peer, 'role' | 'site'>): StatusView {
  if (role !== 'city') return everything;
  const site = (other: string) => other.startsWith(code.slice(0, 4));
  return { site, log: ({ origin, dataset }) => site(origin) && dataset !== 'audit', links: false };
}
