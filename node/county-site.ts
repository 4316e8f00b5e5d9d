import type { Clock } from '../core/base/clock.ts';
import type { Config } from '../core/base/config.ts';
import type { Logger } from '../core/base/logger.ts';
import type { Random } from '../core/base/random.ts';
import type { LogName } from '../core/log/batch.ts';
import type { KeyRing } from '../core/seal/key-ring.ts';
import { Approvals } from '../core/site/approvals/approvals.ts';
import { ActList } from '../core/site/audit/act-list.ts';
import { Audit } from '../core/site/audit/audit.ts';
import { Directory, type KnownSite, knownSiteOf, readAnchor } from '../core/site/directory.ts';
import { selfSite } from '../core/site/joining/self-site.ts';
import { LocalLogs } from '../core/site/logs/local-logs.ts';
import type { OpenSite } from '../core/site/open-site.ts';
import type { RingAccess } from '../core/site/seal/ring-access.ts';
import { openServers } from '../core/site/servers/open-servers.ts';
import { SiteData } from '../core/site/site-data.ts';
import type { SiteFolder } from '../core/site/site-folder.ts';
import { RingCertificate } from '../core/site/trust/ring-certificate.ts';
import type { Trust } from '../core/site/trust/trust.ts';
import { countyDatasets } from './county-datasets.ts';
import { CountyUplink } from './county-uplink.ts';

export interface CountyParts {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly keys: RingAccess;
  /** What is trusted in the site's trust domain, which is the province's. */
  readonly trust: Trust;
}

/** An unsealed county: its data set, its logs on their way up, and the province's logs on their way down. */
export async function openCounty(parts: CountyParts, ring: KeyRing): Promise<OpenSite> {
  const { folder, config, clock, random, logger, keys } = parts;
  const { site, trustDomain, uplink: above } = config;
  const certificate = new RingCertificate({ name: 'data', folder: folder.data, purpose: 'tls', keys, clock });
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
  const failed = Promise.withResolvers<Error>();
  const fail = (error: unknown) => failed.resolve(error as Error);
  const uplink = above && new CountyUplink({ ...parts, above, data, directory, certificate, failed: fail });
  const auditLog: LogName = { origin: site, dataset: 'audit' };
  const grew = () => uplink?.grew(auditLog);
  const audit = new Audit({ intake: data.intake('audit'), site, clock, random, grew });
  uplink?.start();
  const servers = openServers({ database: data.store.database, keys, audit, clock, random, logger });
  servers.start(fail);
  return {
    tier: 'county',
    own: certificate.own,
    renewables: uplink ? [uplink.renewable()] : [],
    audit,
    approvals: new Approvals(data.store.database, audit, clock, random),
    acts: (code) => (code === site ? new ActList(data.store.database) : undefined),
    servers,
    intake: (dataset) => data.intake(dataset),
    tables: (dataset) => data.tables(dataset),
    logs: async () => local.views(),
    hearing: (log) => uplink?.hearing(log),
    links: () => uplink?.views() ?? [],
    troubles: () => uplink?.troubles() ?? [],
    verify: async (log, progress) => local.verify(log, progress),
    prove: async (log, index) => local.prove(log, index),
    vkey: (log) => local.vkey(log),
    export: (log, write) => local.export(log, write),
    grew: (log) => uplink?.grew(log),
    close: async () => {
      await servers.close();
      await uplink?.close();
      data.close();
      certificate.wipe();
    },
    failed: failed.promise,
  };
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
