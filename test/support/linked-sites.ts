import { mkdirSync } from 'node:fs';
import { systemClock } from '../../core/base/clock.ts';
import type { Config } from '../../core/base/config.ts';
import { type Logger, silentLogger } from '../../core/base/logger.ts';
import { systemRandom } from '../../core/base/random.ts';
import type { Channel } from '../../core/link/channel.ts';
import type { Outcome } from '../../core/link/receiver-session.ts';
import type { LogName } from '../../core/log/batch.ts';
import { cosignatureVerifier, cosigner, ed25519Verifier, publicKeyOf } from '../../core/log/keys.ts';
import { mirrorName, originLine } from '../../core/log/log-origin.ts';
import { LogStore } from '../../core/log/log-store.ts';
import type { KeyRing } from '../../core/seal/key-ring.ts';
import { newRing } from '../../core/seal/new-ring.ts';
import { writeAnchor } from '../../core/site/directory.ts';
import { selfSite } from '../../core/site/joining/self-site.ts';
import { Hearings } from '../../core/site/logs/hearings.ts';
import { ReceivingStore } from '../../core/site/logs/receiving-store.ts';
import type { OpenSite } from '../../core/site/open-site.ts';
import type { RingAccess } from '../../core/site/seal/ring-access.ts';
import { SiteData } from '../../core/site/site-data.ts';
import { siteFolder } from '../../core/site/site-folder.ts';
import { certificatesService } from '../../core/site/trust/certificates-service.ts';
import { Door } from '../../core/site/trust/door.ts';
import { writeIdentity } from '../../core/site/trust/identity-folder.ts';
import { Trust } from '../../core/site/trust/trust.ts';
import { Replication } from '../../hub/replication.ts';
import { countyDatasets } from '../../node/county-datasets.ts';
import { openCounty } from '../../node/county-site.ts';
import { AuthorityWorld, type Held, site as hubSite, trustDomain } from './authority-world.ts';
import { openFile } from './log-setting.ts';
import { TemporaryFolder } from './temporary-folder.ts';

export { hubSite };
export const countySite = '430121';

/**
 * A province and a county in one process: real authority, listener, replication, files and TLS; the
 * ceremonies and the program around them are left out.
 */
export class LinkedSites {
  readonly folder = TemporaryFolder.inMemory();
  readonly world: AuthorityWorld;
  readonly door: Door;
  readonly hub: Held;
  readonly gate: Held;
  readonly data: Held;
  /** `push 430121/audit`, in the order in which the county came with it. */
  readonly conversations: string[] = [];
  /** What the hub's disk answered, batch by batch. */
  readonly outcomes: { readonly log: LogName; readonly count: number; readonly outcome: Outcome }[] = [];
  readonly logger: Logger;
  port = 0;
  #ring: KeyRing;
  #trust: Trust | undefined;
  #county: OpenSite | undefined;
  #closeReceived = () => {};

  private constructor(
    world: AuthorityWorld,
    door: Door,
    held: { hub: Held; gate: Held; data: Held },
    ring: KeyRing,
    logger: Logger,
  ) {
    this.world = world;
    this.door = door;
    this.hub = held.hub;
    this.gate = held.gate;
    this.data = held.data;
    this.#ring = ring;
    this.logger = logger;
  }

  static async start(logger: Logger = silentLogger): Promise<LinkedSites> {
    const world = await AuthorityWorld.create();
    const hub = await world.enrolled(hubSite, 'hub', '', ['localhost', '127.0.0.1']);
    const held = {
      hub,
      gate: await world.enrolled(countySite, 'gate'),
      data: await world.enrolled(countySite, 'node'),
    };
    const paths = siteFolder(world.folder.file('hub'));
    store(paths.gate, world, hub);
    const config = { site: hubSite, tier: 'province', trustDomain } as Config;
    const door = await Door.open({ folder: paths, config, clock: systemClock, logger });
    world.reopen({ learn: (lesson) => door.trust.learn(lesson), cut: (each) => door.cut(each) });
    const fresh = await newRing(['db', 'log', 'mirror'], systemRandom, systemClock.nowMs());
    const ring = fresh.withKey('tls', held.data.keys.privateKey, systemClock.nowMs());
    const sites = new LinkedSites(world, door, held, ring, logger);
    await sites.#listen();
    sites.#createCounty();
    return sites;
  }

  get trust(): Trust {
    if (!this.#trust) throw new RangeError('the county is open');
    return this.#trust;
  }

  get county(): OpenSite {
    if (!this.#county) throw new RangeError('the county is open');
    return this.#county;
  }

  get paths() {
    return siteFolder(this.folder.file('county'));
  }

  readonly keys: RingAccess = {
    ring: () => this.#ring,
    replace: (change) => {
      const before = this.#ring;
      this.#ring = change(before);
      before.wipe();
    },
  };

  get uplink() {
    return { address: `127.0.0.1:${this.port}`, site: hubSite, trustDomain };
  }

  get gateIdentity() {
    return { chain: chainOf(this.world, this.gate), privateKey: this.gate.keys.privateKey };
  }

  /** What the county trusts, from its folder. */
  openTrust(): Promise<Trust> {
    const { gate: folder } = this.paths;
    return Trust.open({ folder, trustDomain, clock: systemClock }, this.gateIdentity);
  }

  /** Opens the county with what lies in its folder, as an unsealing does. */
  async open(): Promise<OpenSite> {
    const { uplink } = this;
    const config = { site: countySite, tier: 'county', trustDomain, uplink } as Config;
    const { paths: folder, logger } = this;
    this.#trust = await this.openTrust();
    const parts = { folder, config, clock: systemClock, random: systemRandom, logger };
    this.#county = await openCounty({ ...parts, keys: this.keys, trust: this.#trust }, this.#ring);
    return this.#county;
  }

  async closeCounty(): Promise<void> {
    await this.#county?.close();
    this.#county = undefined;
  }

  async close(): Promise<void> {
    await this.closeCounty();
    this.door.close();
    this.#closeReceived();
    this.world.close();
    this.folder.remove();
  }

  async #listen(): Promise<void> {
    const { clock } = this.world;
    const received = openFile(this.folder.file('received.db'));
    this.#closeReceived = () => received.close();
    const mirror = cosigner(mirrorName(trustDomain, hubSite), this.world.ring.key('mirror'), 'mirror');
    const receiving = new ReceivingStore(new LogStore(received), mirror, clock);
    const countyMirror = cosignatureVerifier(
      mirrorName(trustDomain, countySite),
      publicKeyOf(this.#ring.key('mirror')),
    );
    const logKey = publicKeyOf(this.#ring.key('log'));
    const replication = new Replication({
      site: hubSite,
      clock,
      logger: this.logger,
      hearings: new Hearings(clock, () => {}),
      admits: () => true,
      receiving: (log) =>
        this.#receiving(log, receiving, ed25519Verifier(originLine(trustDomain, log), logKey)),
      sending: (_peer, log) => this.world.data.sending(log).for(() => countyMirror, countySite),
      failed: (error) => {
        throw error;
      },
    });
    const frames = (direction: 'push' | 'pull') =>
      ({ kind: 'frames', handle: (channel: Channel) => replication[direction](channel) }) as const;
    const listener = this.door.build(
      [
        ['replication', 'Replication', { push: frames('push'), pull: frames('pull') }],
        [
          'certificates',
          'Certificates',
          certificatesService(() => ({ certificates: this.world.desk }) as Partial<OpenSite> as OpenSite),
        ],
      ],
      {
        examine: this.door.trust.examine,
        authorise: (peer, method) => {
          this.conversations.push(`${peer.role} ${method.split('/').pop()?.toLowerCase()}`);
          return undefined;
        },
        refused: () => {},
      },
    );
    this.port = await listener.listen('127.0.0.1', 0);
    this.connections = () => listener.counts().open;
    this.grew = (log) => replication.grew(log);
  }

  /** How many the hub has open. */
  connections: () => number = () => 0;

  /** The hub's own log has grown. */
  grew: (log: LogName) => void = () => {};

  #receiving(log: LogName, receiving: ReceivingStore, verifier: ReturnType<typeof ed25519Verifier>) {
    let fence = 0;
    return {
      open: async () => {
        const opened = receiving.open(log);
        fence = opened.fence;
        return opened.position;
      },
      store: async (batch: Parameters<typeof receiving.store>[0][number]['batch']) => {
        const [outcome] = receiving.store([{ log, batch, fence, verifier }]);
        if (!outcome) throw new RangeError('one outcome for one delivery');
        this.outcomes.push({ log, count: batch.count, outcome });
        return outcome;
      },
    };
  }

  #createCounty(): void {
    const { paths } = this;
    mkdirSync(paths.folder, { recursive: true });
    store(paths.gate, this.world, this.gate);
    store(paths.data, this.world, this.data, 'in the ring');
    const about = { site: hubSite, name: hubSite, tier: 'province', trustDomain } as const;
    writeAnchor(paths.anchor, { ...selfSite(about, this.world.ring), port: this.port });
    const common = { path: paths.node, site: countySite, trustDomain, ring: this.#ring };
    new SiteData(
      { ...common, own: countyDatasets, clock: systemClock, random: systemRandom },
      'create',
    ).close();
  }
}

export function chainOf(world: AuthorityWorld, held: Held): Uint8Array[] {
  return [held.certificate, world.pki.issuing.certificate];
}

/** Writes an identity with everything that its authority has published by now. */
export function store(
  folder: string,
  world: AuthorityWorld,
  held: Held,
  key: 'here' | 'in the ring' = 'here',
) {
  writeIdentity(folder, {
    chain: chainOf(world, held),
    root: world.pki.root.certificate,
    lists: world.desk.trust().crls,
    ...(key === 'here' ? { privateKey: held.keys.privateKey } : {}),
  });
}
