import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { Intake, IntakeResult } from '../../intake/intake.ts';
import type { KnownSite } from '../directory.ts';

/** Enters a site into the registry of this hub; the same keys again change nothing. */
export function registerSite(registry: Intake, site: KnownSite, by: string, clock: Clock): void {
  const result = put(registry, site, by, clock, false);
  assert(
    result.accepted + result.unchanged === 1,
    `a site record is valid: ${JSON.stringify(result.findings)}`,
  );
}

/** Whether the registry would take it: asked before anybody waits for it. */
export function canRegister(registry: Intake, site: KnownSite, by: string, clock: Clock): boolean {
  return put(registry, site, by, clock, true).findings.length === 0;
}

function put(registry: Intake, site: KnownSite, by: string, clock: Clock, dryRun: boolean): IntakeResult {
  const raw = {
    site_code: site.site,
    site_name: site.name,
    tier: site.tier,
    trust_domain: site.trustDomain,
    log_key: site.logKey,
    mirror_key: site.mirrorKey,
    stas: '1',
  };
  const context = {
    today: Math.floor(clock.nowMs() / 86_400_000),
    migrated: false,
    testIds: false,
    defaults: { src_sys: 'U', crter_id: 'tongbu', opter_id: 'tongbu', optins_no: by },
  };
  return registry.put([{ row: 1, raw }], { entity: 'site', context, dryRun });
}
