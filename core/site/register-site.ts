import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { Intake } from '../intake/intake.ts';
import type { KnownSite } from './directory.ts';

/** Enters a site into the registry of this hub; the same keys again change nothing. */
export function registerSite(registry: Intake, site: KnownSite, by: string, clock: Clock): void {
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
  const result = registry.put([{ row: 1, raw }], { entity: 'site', context, dryRun: false });
  assert(
    result.accepted + result.unchanged === 1,
    `a site record is valid: ${JSON.stringify(result.findings)}`,
  );
}
