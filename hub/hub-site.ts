import { secretCopy, wipe } from '../core/base/bytes.ts';
import type { Clock } from '../core/base/clock.ts';
import type { Config } from '../core/base/config.ts';
import type { Logger } from '../core/base/logger.ts';
import type { Random } from '../core/base/random.ts';
import type { Peer } from '../core/link/channel.ts';
import type { SendingLog } from '../core/link/ports.ts';
import type { LogName } from '../core/log/batch.ts';
import { mirrorName } from '../core/log/log-origin.ts';
import type { KeyRing } from '../core/seal/key-ring.ts';
import type { Servers } from '../core/servers/servers.ts';
import { Approvals } from '../core/site/approvals/approvals.ts';
import { ActList } from '../core/site/audit/act-list.ts';
import { Audit } from '../core/site/audit/audit.ts';
import { databaseKey as databaseKeyOf } from '../core/site/databases/database-key.ts';
import { destinationOf } from '../core/site/destination.ts';
import { Directory, type KnownSite, knownSiteOf, readAnchor } from '../core/site/directory.ts';
import { selfSite } from '../core/site/joining/self-site.ts';
import { copying } from '../core/site/logs/copying.ts';
import { Hearings } from '../core/site/logs/hearings.ts';
import { LocalLogs } from '../core/site/logs/local-logs.ts';
import { Uplink } from '../core/site/logs/uplink.ts';
import type { OpenSite } from '../core/site/open-site.ts';
import type { RingAccess } from '../core/site/seal/ring-access.ts';
import { openServers } from '../core/site/servers/open-servers.ts';
import { SiteData } from '../core/site/site-data.ts';
import type { SiteFolder } from '../core/site/site-folder.ts';
import type { Renewable } from '../core/site/trust/certificate-agent.ts';
import { RingCertificate } from '../core/site/trust/ring-certificate.ts';
import type { Trust } from '../core/site/trust/trust.ts';
import type { TlsMaterial } from '../core/wire/tls-material.ts';
import { AuthorityDesk } from './authority/authority-desk.ts';
import type { Enforcement } from './authority/authority-parts.ts';
import { openAuthority } from './authority/open-authority.ts';
import { Contract } from './contract.ts';
import { EnrolmentDesk } from './enrolment-desk.ts';
import { copiedDatasets, hubDatasets, hubSchemas, publicDatasets } from './hub-datasets.ts';
import { hubLogs } from './hub-logs.ts';
import { SqliteLedger } from './ledger/sqlite-ledger.ts';
import { forwardedFrom, readingOf, receivingInto } from './receiving.ts';
import { RecordFollower } from './records/record-follower.ts';
import { SiteReader } from './records/site-reader.ts';
import { Replication } from './replication.ts';
import { summarise } from './site-summary.ts';
import { Subscriptions } from './subscriptions.ts';
import { Troubles } from './troubles.ts';
import { TrustAbove } from './trust-above.ts';
import { recordUplinkContract } from './uplink-contract.ts';

export interface HubParts {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly keys: RingAccess;
  /** Where this hub's replication is reached, once it listens. */
  port(): number;
  /** Told where new sites enrol, once that is known. */
  enrolling(port: number): void;
  /** What the hub trusts, for what its authority revokes and issues. */
  readonly trust: Trust;
  /** Ends live calls and connections of these certificates. */
  cut(fingerprints: readonly string[]): void;
}

/** Threads that write the ledger: one for each core but one, as verifying is what they do. */
const ledgerThreads = 2;

/** An unsealed hub: the ledger of its origins, its own logs, admission of sites, and the uplink. */
export async function openHub(parts: HubParts, ring: KeyRing): Promise<OpenSite> {
  const hub = new HubSite(parts, ring);
  await hub.start();
  return hub.site();
}

function enforcementOf(parts: HubParts): Enforcement {
  return {
    learn: (lesson) => parts.trust.learn(lesson),
    cut: (fingerprints) => parts.cut(fingerprints),
  };
}

class HubSite {
  readonly #parts: HubParts;
  readonly #certificate: RingCertificate;
  readonly #renewables: Renewable[];
  readonly #data: SiteData;
  readonly #ledger: SqliteLedger;
  readonly #troubles: Troubles;
  readonly #records: RecordFollower;
  readonly #reader: SiteReader;
  readonly #directory: Directory;
  readonly #hearings: Hearings;
  readonly #replication: Replication;
  readonly #desk: EnrolmentDesk;
  readonly #authority: AuthorityDesk;
  readonly #local: LocalLogs;
  readonly #audit: Audit;
  readonly #approvals: Approvals;
  readonly #servers: Servers;
  readonly #contract: Contract;
  readonly #subscriptions: Subscriptions;
  readonly #keys: readonly Uint8Array[];
  readonly #failed = Promise.withResolvers<Error>();
  readonly #forget: () => void;
  #uplink: Uplink | undefined;
  #above: TrustAbove | undefined;

  constructor(parts: HubParts, ring: KeyRing) {
    const { folder, config, clock, random, logger, trust } = parts;
    const { site, trustDomain } = config;
    const failed = (error: unknown) => this.#failed.resolve(error as Error);
    const databaseKey = databaseKeyOf(ring);
    this.#parts = parts;
    this.#troubles = new Troubles(logger);
    const own = { name: 'data', folder: folder.data, purpose: 'tls', keys: parts.keys, clock } as const;
    this.#certificate = new RingCertificate(own);
    this.#contract = config.contract ? Contract.read(config.contract) : Contract.none();
    const schemas = hubSchemas;
    this.#data = new SiteData(
      { path: folder.hub, site, trustDomain, ring, own: hubDatasets, schemas, clock, random },
      'open',
    );
    const grew = () => this.#grew({ origin: site, dataset: 'audit' });
    this.#audit = new Audit({ intake: this.#data.intake('audit'), site, clock, random, grew });
    this.#approvals = new Approvals(this.#data.store.database, this.#audit, clock, random);
    const { keys } = parts;
    const [database, audited] = [this.#data.store.database, this.#audit];
    this.#servers = openServers({ database, keys, audit: audited, clock, random, logger });
    const self = selfSite({ ...config, name: site }, ring);
    this.#reader = new SiteReader(folder.records, databaseKey);
    this.#directory = new Directory(this.#sources(self));
    const mirrorSeed = secretCopy(ring.key('mirror'));
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
    this.#subscriptions = new Subscriptions({
      ...{ data: this.#data, audit: this.#audit, approvals: this.#approvals, clock, site },
      knows: (origin) => this.#directory.find(origin) !== undefined,
      reading: (log) => readingOf(this.#data, this.#ledger, log),
      grew: () => this.#grew({ origin: site, dataset: 'registry' }),
      cut: (isMeant) => this.#replication.cut(isMeant),
    });
    const admitted = (code: string) => {
      logger.info('site admitted', { site: code });
      this.#grew({ origin: site, dataset: 'registry' });
    };
    const acts = { data: this.#data, audit: this.#audit, approvals: this.#approvals };
    const shared = { config, clock, random, ...acts };
    const registryGrew = () => this.#grew({ origin: site, dataset: 'registry' });
    const enforcement = enforcementOf(parts);
    const authority = openAuthority({ ...shared, keys, grew: registryGrew, enforcement });
    this.#authority = new AuthorityDesk(authority, logger);
    const desk = { ...shared, folder, authority, material: this.#material(), self, admitted };
    this.#desk = new EnrolmentDesk({ ...desk, port: parts.port });
    this.#forget = trust.onChange(() => this.#desk.replace(this.#material()));
    this.#renewables = [
      this.#certificate.renewable(trust, (csr, self) => this.#authority.renewOwn(csr, self), true),
    ];
  }

  async start(): Promise<void> {
    const { config } = this.#parts;
    await this.#authority.start((error) => this.#failed.resolve(error as Error));
    await this.#records.start();
    const acts = new ActList(this.#data.store.database);
    if (config.uplink) recordUplinkContract(this.#contract, config.uplink.site, this.#audit, acts);
    if (config.uplink) this.#uplink = await this.#connect(config.uplink);
    this.#parts.enrolling(await this.#desk.listen());
    this.#servers.start((error) => this.#failed.resolve(error as Error));
  }

  site(): OpenSite {
    const { config } = this.#parts;
    const logs = hubLogs(this.#local, this.#ledger, this.#records, this.#directory);
    return {
      tier: config.tier,
      own: this.#certificate.own,
      renewables: this.#renewables,
      audit: this.#audit,
      approvals: this.#approvals,
      servers: this.#servers,
      replication: {
        push: (channel) => this.#replication.push(channel),
        pull: (channel) => this.#replication.pull(channel),
      },
      acts: (code) =>
        code === config.site ? new ActList(this.#data.store.database) : this.#reader.acts(code),
      intake: (dataset) => this.#data.intake(dataset),
      tables: (dataset) => this.#data.tables(dataset),
      ...logs,
      hearing: (log) => this.#hearings.of(log),
      links: () => this.#uplink?.views() ?? [],
      troubles: () => [
        ...this.#troubles.list(),
        ...this.#authority.troubles().map((fault) => ({ origin: config.site, fault })),
        ...(this.#above?.troubles() ?? []),
      ],
      certificates: this.#authority,
      grew: (log) => this.#grew(log),
      hub: {
        listSites: async ({ site, log }) => {
          const held = (await logs.logs()).filter((view) => log(view.log));
          return summarise(this.#data.tables('registry'), held, this.#hearings).filter((of) => site(of.site));
        },
        contracts: this.#subscriptions,
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
    if (!this.#directory.admitted(peer)) return false;
    if (this.#parts.config.tier !== 'national') return peer === log.origin;
    return peer === log.origin || peer === `${log.origin.slice(0, 2)}0000`;
  }

  #sendingTo(peer: Peer, log: LogName): SendingLog | undefined {
    if (peer.role === 'subscriber') return this.#subscriptions.sending(peer, log);
    const { site } = peer;
    const isPublic =
      this.#data.isOwn(log) && publicDatasets.includes(log.dataset) && this.#directory.admitted(site);
    return isPublic ? this.#data.sending(log).for(() => this.#directory.mirrorOf(site), site) : undefined;
  }

  /** Something new of a received log is durable: records follow, and the hub above hears of it. */
  #stored(log: LogName): void {
    if (log.origin === this.#parts.config.uplink?.site) return this.#copied(log);
    this.#records.grew(log.origin);
    this.#replication.grew(log);
    this.#forward(log);
    this.#uplink?.grew(log);
  }

  /** A copy from above, in the hub's own file; its registry says whom to trust there. */
  #copied(log: LogName): void {
    if (log.dataset === 'registry') this.#above?.grew();
  }

  #grew(log: LogName): void {
    this.#replication.grew(log);
    this.#uplink?.grew(log);
  }

  /** The own root first: it is what the enrolment listener shows to strangers. */
  #material(): TlsMaterial {
    const { trust } = this.#parts;
    const material = trust.materialOf(this.#certificate.own);
    const root = trust.rootOf(material.chain);
    return root ? { ...material, roots: [root, ...material.roots.filter((der) => der !== root)] } : material;
  }

  async #connect(above: NonNullable<Config['uplink']>): Promise<Uplink> {
    const { config, folder, clock, random, logger, keys } = this.#parts;
    const { store } = this.#data;
    const trustAbove = await TrustAbove.open({ folder, above, store, keys, clock, logger });
    this.#above = trustAbove;
    this.#renewables.push(trustAbove.renewable());
    const uplink = new Uplink({
      site: config.site,
      destination: destinationOf(above),
      own: () => trustAbove.own,
      trust: trustAbove.trust,
      clock,
      random,
      logger,
      failed: (error) => this.#failed.resolve(error as Error),
    });
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
    this.#forget();
    await this.#authority.stop();
    await this.#servers.close();
    this.#desk.close();
    this.#replication.close();
    await this.#uplink?.close();
    await this.#ledger.close();
    await this.#records.close();
    this.#reader.close();
    this.#data.close();
    wipe(...this.#keys);
    this.#certificate.wipe();
    this.#above?.close();
  }
}
