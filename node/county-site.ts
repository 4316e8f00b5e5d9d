import { examinePeer } from '../certs/peer-policy.ts';
import type { Clock } from '../core/base/clock.ts';
import type { Config } from '../core/base/config.ts';
import type { Logger } from '../core/base/logger.ts';
import type { Random } from '../core/base/random.ts';
import type { LogName } from '../core/log/batch.ts';
import type { KeyRing } from '../core/seal/key-ring.ts';
import { Approvals } from '../core/site/approvals.ts';
import { Audit } from '../core/site/audit.ts';
import { copying } from '../core/site/copying.ts';
import { destinationOf } from '../core/site/destination.ts';
import { Directory, type KnownSite, knownSiteOf, readAnchor } from '../core/site/directory.ts';
import { Hearings } from '../core/site/hearings.ts';
import { readIdentity } from '../core/site/identity-folder.ts';
import { LocalLogs } from '../core/site/local-logs.ts';
import type { OpenSite } from '../core/site/open-site.ts';
import { selfSite } from '../core/site/self-site.ts';
import { SiteData } from '../core/site/site-data.ts';
import type { SiteFolder } from '../core/site/site-folder.ts';
import { Uplink } from '../core/site/uplink.ts';
import { SiteClient } from '../core/wire/site-client.ts';
import type { TlsMaterial } from '../core/wire/tls-material.ts';
import { copiedDatasets, countyDatasets } from './county-datasets.ts';

export interface CountyParts {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** An unsealed county: its data set, its logs on their way up, and the province's logs on their way down. */
export async function openCounty(parts: CountyParts, ring: KeyRing): Promise<OpenSite> {
  const { folder, config, clock, random } = parts;
  const { site, trustDomain, uplink: above } = config;
  const material = await readIdentity(folder.data, Buffer.from(ring.key('tls')));
  const own = countyDatasets;
  const data = new SiteData({ path: folder.node, site, trustDomain, ring, own, clock, random }, 'open');
  const anchor = above ? readAnchor(folder.anchor) : undefined;
  const self = selfSite({ ...config, name: site }, ring);
  const directory = new Directory([
    (code) => (code === site ? self : undefined),
    (code) => (code === anchor?.site ? anchor : undefined),
    registryOf(data, above?.site),
  ]);
  const local = new LocalLogs(data, directory);
  const hearings = new Hearings(clock, (log) => void data.catchUp(log));
  const failed = Promise.withResolvers<Error>();
  const uplink = above && uplinkOf(parts, above, material, (error) => failed.resolve(error as Error));
  const auditLog: LogName = { origin: site, dataset: 'audit' };
  const grew = () => uplink?.grew(auditLog);
  const audit = new Audit({ intake: data.intake('audit'), site, clock, random, grew });
  if (uplink && above) {
    for (const dataset of own) {
      const log: LogName = { origin: site, dataset };
      const sending = data.sending(log).for(() => directory.mirrorOf(above.site), above.site);
      uplink.carry(log, { direction: 'push', log: sending });
    }
    for (const dataset of copiedDatasets) {
      const log: LogName = { origin: above.site, dataset };
      data.follow(log);
      data.catchUp(log);
      const receiving = copying(log, data.receiving, directory, hearings);
      uplink.carry(log, { direction: 'pull', log: receiving, observer: hearings.observer(log) });
    }
  }
  return {
    tier: 'county',
    material,
    audit,
    approvals: new Approvals(data.store.database, audit, clock, random),
    intake: (dataset) => data.intake(dataset),
    tables: (dataset) => data.tables(dataset),
    logs: async () => local.views(),
    hearing: (log) => hearings.of(log),
    links: () => uplink?.views() ?? [],
    troubles: () => [],
    verify: async (log, progress) => local.verify(log, progress),
    prove: async (log, index) => local.prove(log, index),
    vkey: (log) => local.vkey(log),
    export: (log, write) => local.export(log, write),
    grew: (log) => uplink?.grew(log),
    close: async () => {
      await uplink?.close();
      data.close();
    },
    failed: failed.promise,
  };
}

function uplinkOf(
  { config: { site }, clock, random, logger }: CountyParts,
  above: NonNullable<Config['uplink']>,
  material: TlsMaterial,
  failed: (error: unknown) => void,
): Uplink {
  const { trustDomain } = above;
  const examine = (der: Uint8Array) =>
    examinePeer(der, { trustDomain, nowMs: clock.nowMs(), revoked: new Set<string>() });
  const client = new SiteClient(material, destinationOf(above), examine, clock);
  return new Uplink({ client, site, peerSite: above.site, clock, random, logger, failed });
}

/** Sites by the province's registry, as far as it has come. */
function registryOf(data: SiteData, province: string | undefined): (code: string) => KnownSite | undefined {
  if (province === undefined) return () => undefined;
  const tables = data.follow({ origin: province, dataset: 'registry' });
  return (code) => {
    const { table, values } = tables.at(`site/${code}`);
    const row = table.get(values, 'shown');
    return row && knownSiteOf(row.fields);
  };
}
