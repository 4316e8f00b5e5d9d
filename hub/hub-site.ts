import { examinePeer } from '../certs/peer-policy.ts';
import { wipe } from '../core/base/bytes.ts';
import type { Clock } from '../core/base/clock.ts';
import type { Config } from '../core/base/config.ts';
import type { Logger } from '../core/base/logger.ts';
import type { Random } from '../core/base/random.ts';
import type { LogName } from '../core/log/batch.ts';
import { mirrorName } from '../core/log/log-origin.ts';
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
import { Contract } from './contract.ts';
import { EnrolmentDesk } from './enrolment-desk.ts';
import { copiedDatasets, hubDatasets, hubSchemas, publicDatasets } from './hub-datasets.ts';
import { hubLogs } from './hub-logs.ts';
import { SqliteLedger } from './ledger/sqlite-ledger.ts';
import { forwardedFrom, receivingInto } from './receiving.ts';
import { RecordFollower } from './records/record-follower.ts';
import { SiteReader } from './records/site-reader.ts';
import { Replication } from './replication.ts';
import { summarise } from './site-summary.ts';
import { Troubles } from './troubles.ts';

export interface HubParts {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Where this hub's replication is reached, once it listens. */
  port(): number;
  /** Told where new sites enrol, once that is known. */
  enrolling(port: number): void;
}

/** Threads that write the ledger: one for each core but one, as verifying is what they do. */
const ledgerThreads = 2;

/** An unsealed hub: the ledger of its origins, its own logs, admission of sites, and the uplink. */
export async function openHub(parts: HubParts, ring: KeyRing): Promise<OpenSite> {
  const hub = new HubSite(parts, ring, await readIdentity(parts.folder.data, Buffer.from(ring.key('tls'))));
  await hub.start(ring);
  return hub.site();
}

class HubSite {
  readonly #parts: HubParts;
  readonly #material: Awaited<ReturnType<typeof readIdentity>>;
  readonly #data: SiteData;
  readonly #ledger: SqliteLedger;
  readonly #troubles: Troubles;
  readonly #records: RecordFollower;
  readonly #reader: SiteReader;
  readonly #directory: Directory;
  readonly #hearings: Hearings;
  readonly #replication: Replication;
  readonly #desk: EnrolmentDesk;
  readonly #local: LocalLogs;
  readonly #audit: Audit;
  readonly #approvals: Approvals;
  readonly #contract: Contract;
  readonly #keys: readonly Uint8Array[];
  readonly #failed = Promise.withResolvers<Error>();
  #uplink: Uplink | undefined;

  constructor(parts: HubParts, ring: KeyRing, material: Awaited<ReturnType<typeof readIdentity>>) {
    const { folder, config, clock, random, logger } = parts;
    const { site, trustDomain } = config;
    const failed = (error: unknown) => this.#failed.resolve(error as Error);
    const databaseKey = Uint8Array.from(ring.key('db'));
    this.#parts = parts;
    this.#troubles = new Troubles(logger);
    this.#material = material;
    this.#contract = config.contract ? Contract.read(config.contract) : Contract.none();
    const own = hubDatasets;
    const schemas = hubSchemas;
    this.#data = new SiteData(
      { path: folder.hub, site, trustDomain, ring, own, schemas, clock, random },
      'open',
    );
    const grew = () => this.#grew({ origin: site, dataset: 'audit' });
    this.#audit = new Audit({ intake: this.#data.intake('audit'), site, clock, random, grew });
    this.#approvals = new Approvals(this.#data.store.database, this.#audit, clock, random);
    const self = selfSite({ ...config, name: site }, ring);
    this.#reader = new SiteReader(folder.records, databaseKey);
    this.#directory = new Directory(this.#sources(self));
    const mirrorSeed = Uint8Array.from(ring.key('mirror'));
    const mirror = { mirrorName: mirrorName(trustDomain, site), mirrorSeed };
    this.#keys = [databaseKey, mirrorSeed];
    const ledgerOptions = { folder: folder.ledger, databaseKey, ...mirror };
    this.#ledger = new SqliteLedger(ledgerOptions, ledgerThreads, clock, this.#troubles, failed);
    this.#records = new RecordFollower(
      { ledger: folder.ledger, records: folder.records, databaseKey },
      { clock, troubles: this.#troubles, failed, followed: (origin) => this.#reader.changed(origin) },
    );
    this.#hearings = new Hearings(clock, (log) => this.#stored(log));
    this.#local = new LocalLogs(this.#data, this.#directory);
    this.#replication = new Replication({
      site,
      clock,
      logger,
      hearings: this.#hearings,
      admits: (peer, log) => this.#admits(peer, log),
      receiving: (log) => receivingInto(this.#ledger, log, this.#directory, this.#hearings),
      sending: (peer, log) => this.#sendingTo(peer, log),
      failed,
    });
    const admitted = (code: string) => {
      logger.info('site admitted', { site: code });
      this.#grew({ origin: site, dataset: 'registry' });
    };
    const data = this.#data;
    const desk = { folder, config, clock, random, ring, data, material, self, admitted };
    this.#desk = new EnrolmentDesk({ ...desk, port: parts.port });
  }

  async start(ring: KeyRing): Promise<void> {
    const { config } = this.#parts;
    await this.#records.start();
    if (config.uplink) this.#uplink = await this.#connect(ring, config.uplink);
    this.#parts.enrolling(await this.#desk.listen());
  }

  site(): OpenSite {
    const { config } = this.#parts;
    const logs = hubLogs(this.#local, this.#ledger, this.#records, this.#directory);
    return {
      tier: config.tier,
      material: this.#material,
      audit: this.#audit,
      approvals: this.#approvals,
      replication: {
        push: (channel) => this.#replication.push(channel),
        pull: (channel) => this.#replication.pull(channel),
      },
      intake: (dataset) => this.#data.intake(dataset),
      tables: (dataset) => this.#data.tables(dataset),
      ...logs,
      hearing: (log) => this.#hearings.of(log),
      links: () => this.#uplink?.views() ?? [],
      troubles: () => this.#troubles.list(),
      grew: (log) => this.#grew(log),
      hub: {
        listSites: async () => summarise(this.#data.tables('registry'), await logs.logs(), this.#hearings),
        createToken: (order) => this.#desk.createToken(order),
      },
      close: () => this.#close(),
      failed: this.#failed.promise,
    };
  }

  /** Own registry first, then the hub above, then what provinces say of their counties. */
  #sources(self: KnownSite) {
    const { config, folder } = this.#parts;
    const anchor = config.uplink ? readAnchor(folder.anchor) : undefined;
    return [
      (code: string) => (code === self.site ? self : undefined),
      (code: string) => (code === anchor?.site ? anchor : undefined),
      (code: string) => {
        const { table, values } = this.#data.tables('registry').at(`site/${code}`);
        const row = table.get(values, 'shown');
        return row && knownSiteOf(row.fields);
      },
      (code: string) =>
        config.tier === 'national' ? this.#reader.find(`${code.slice(0, 2)}0000`, code) : undefined,
    ];
  }

  /** A county speaks for itself; a province also for the counties of its code. */
  #admits(peer: string, log: LogName): boolean {
    if (!this.#directory.find(peer)) return false;
    if (this.#parts.config.tier !== 'national') return peer === log.origin;
    return peer === log.origin || peer === `${log.origin.slice(0, 2)}0000`;
  }

  #sendingTo(peer: string, log: LogName) {
    const isPublic =
      this.#data.isOwn(log) && publicDatasets.includes(log.dataset) && this.#directory.find(peer);
    return isPublic ? this.#data.sending(log).for(() => this.#directory.mirrorOf(peer), peer) : undefined;
  }

  /** Something new of a received log is durable: records follow, and the hub above hears of it. */
  #stored(log: LogName): void {
    if (log.origin === this.#parts.config.uplink?.site) return; // a copy from above, in the hub's own file
    this.#records.grew(log.origin);
    this.#forward(log);
    this.#uplink?.grew(log);
  }

  #grew(log: LogName): void {
    this.#replication.grew(log);
    this.#uplink?.grew(log);
  }

  async #connect(ring: KeyRing, above: NonNullable<Config['uplink']>): Promise<Uplink> {
    const { config, folder, clock, random, logger } = this.#parts;
    const material = await readIdentity(folder.uplink, Buffer.from(ring.key('tls-uplink')));
    const { trustDomain } = above;
    const examine = (der: Uint8Array) =>
      examinePeer(der, { trustDomain, nowMs: clock.nowMs(), revoked: new Set<string>() });
    const client = new SiteClient(material, destinationOf(above), examine, clock);
    const failed = (error: unknown) => this.#failed.resolve(error as Error);
    const peerSite = above.site;
    const uplink = new Uplink({ client, site: config.site, peerSite, clock, random, logger, failed });
    this.#uplink = uplink;
    for (const dataset of hubDatasets) this.#forward({ origin: config.site, dataset });
    for (const { log } of await this.#ledger.logs()) this.#forward(log);
    for (const dataset of copiedDatasets) {
      const log: LogName = { origin: above.site, dataset };
      const observer = this.#hearings.observer(log);
      const receiving = copying(log, this.#data.receiving, this.#directory, this.#hearings);
      uplink.carry(log, { direction: 'pull', log: receiving, observer });
    }
    return uplink;
  }

  /** I13: only what the contract names goes up. */
  #forward(log: LogName): void {
    const above = this.#parts.config.uplink?.site;
    if (!this.#uplink || above === undefined || log.origin === above || !this.#contract.includes(log)) return;
    const sending = this.#data.isOwn(log)
      ? this.#data.sending(log).for(() => this.#directory.mirrorOf(above), above)
      : forwardedFrom(this.#ledger, log, this.#directory, above);
    this.#uplink.carry(log, { direction: 'push', log: sending });
  }

  async #close(): Promise<void> {
    this.#desk.close();
    this.#replication.close();
    await this.#uplink?.close();
    await this.#ledger.close();
    await this.#records.close();
    this.#reader.close();
    this.#data.close();
    wipe(...this.#keys);
  }
}
