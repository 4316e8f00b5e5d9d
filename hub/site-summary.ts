import type { RecordTables } from '../core/intake/record-table.ts';
import { knownSiteOf } from '../core/site/directory.ts';
import { freshnessOf, worst } from '../core/site/logs/freshness.ts';
import type { Hearings } from '../core/site/logs/hearings.ts';
import type { LogView, SiteSummary } from '../core/site/open-site.ts';

/** Every site of the registry with the worst of its logs: who is behind, since when. */
export function summarise(
  registry: RecordTables,
  logs: readonly LogView[],
  hearings: Hearings,
): readonly SiteSummary[] {
  const { table } = registry.at('site/000000');
  const rows = table.page([], 10_000, 'shown');
  return rows.flatMap(({ fields }) => {
    const known = knownSiteOf(fields);
    return known.dismissed ? [] : [summaryOf(known, logs, hearings)];
  });
}

function summaryOf(
  { site, name, tier }: { site: string; name: string; tier: string },
  logs: readonly LogView[],
  hearings: Hearings,
): SiteSummary {
  const own = logs.filter(({ log }) => log.origin === site);
  const heard = own.flatMap(({ log }) => hearings.of(log) ?? []);
  const states = own.map(({ log, own: ours }) => (ours ? 'current' : freshnessOf(hearings.of(log))));
  return {
    site,
    name,
    tier,
    state: states.length === 0 ? 'unheard' : worst(states),
    entries: own.reduce((sum, { size }) => sum + size, 0),
    lagEntries: heard.reduce((sum, { lagEntries }) => sum + lagEntries, 0),
    lagMs: Math.max(0, ...heard.map(({ lagMs }) => lagMs)),
    heardAgoMs: heard.length === 0 ? undefined : Math.min(...heard.map(({ heardAgoMs }) => heardAgoMs)),
    logs: own.length,
  };
}
