import { readdirSync } from 'node:fs';
import { toHex } from '../../../core/base/bytes.ts';
import { Fault } from '../../../core/base/errors.ts';
import { silentLogger } from '../../../core/base/logger.ts';
import type { Random } from '../../../core/base/random.ts';
import type { Channel } from '../../../core/link/channel.ts';
import { Lane, type LaneEnd } from '../../../core/link/lane.ts';
import type { SendingLog } from '../../../core/link/ports.ts';
import { type Batch, type LogName, printLog } from '../../../core/log/batch.ts';
import { encodeBundle, sliceBundle } from '../../../core/log/bundle.ts';
import { ChangeLog } from '../../../core/log/change-log.ts';
import { decompress } from '../../../core/log/compression.ts';
import { publicKeyOf } from '../../../core/log/keys.ts';
import { Directory } from '../../../core/site/directory.ts';
import { Hearings } from '../../../core/site/logs/hearings.ts';
import { SendingStore } from '../../../core/site/logs/sending-store.ts';
import { forwardedFrom, receivingInto } from '../../../hub/receiving.ts';
import { Replication } from '../../../hub/replication.ts';
import { mirrorOf, seedOf, signerOf, trustDomain } from '../../support/log-setting.ts';
import type { SimulatedClock } from '../../support/simulated-clock.ts';
import type { Mutation } from './mutation.ts';
import { SimLedger } from './sim-ledger.ts';
import { SiteFile, type StoreWatch } from './site-file.ts';

/** Everybody knows everybody: the registry is another matter. */
export const directory = new Directory([
  (site) => ({
    site,
    name: site,
    tier: site === '100000' ? 'national' : site === '430000' ? 'province' : 'county',
    trustDomain,
    logKey: toHex(publicKeyOf(seedOf(site))),
    mirrorKey: toHex(publicKeyOf(seedOf(`mirror ${site}`))),
  }),
]);

export interface SitePlan {
  readonly site: string;
  readonly above: string | undefined;
  /** Datasets that it writes. */
  readonly own: readonly string[];
  /** Logs that it pulls from above. */
  readonly pulled: readonly LogName[];
  /** Logs of others that it carries upwards. */
  readonly forwarded: readonly LogName[];
}

export interface SiteWorld {
  readonly folder: string;
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly mutation: Mutation | undefined;
  readonly watch: StoreWatch;
  dial(from: string, to: string, direction: 'push' | 'pull'): Promise<Channel>;
  opened(site: string, path: string): void;
  note(line: string): void;
  /** Something that is no fault ended a part of a living site. */
  failed(site: string, error: unknown): void;
}

/** One life of a site, from its start to its crash; the next life has only what is on the disk. */
export class SimSite {
  readonly plan: SitePlan;
  /** The longest that its disk takes for a group of batches. */
  diskMsMax = 60;
  readonly #world: SiteWorld;
  readonly #logs = new Map<string, ChangeLog>();
  readonly #lanes = new Map<string, Lane>();
  readonly #own: SiteFile;
  readonly #ledger: SimLedger;
  readonly #replication: Replication;
  #alive = true;

  constructor(plan: SitePlan, world: SiteWorld) {
    this.plan = plan;
    this.#world = world;
    const { clock } = world;
    this.#ledger = new SimLedger((origin) => this.#file(origin), clock);
    this.#own = this.#ledger.fileOf(plan.site);
    for (const dataset of plan.own) {
      const name = { origin: plan.site, dataset };
      this.#logs.set(dataset, new ChangeLog(this.#own.store, name, signerOf(name), clock));
    }
    const hearings = new Hearings(clock, (log) => this.#grew(log));
    this.#replication = new Replication({
      site: plan.site,
      clock,
      logger: silentLogger,
      hearings,
      admits: () => true,
      receiving: (log) => receivingInto(this.#ledger, log, directory, hearings),
      sending: ({ site: receiver }, log) => this.#sendingOwn(log, receiver),
      failed: (error) => {
        if (this.#alive) world.failed(plan.site, error);
      },
    });
    this.#carryAll(hearings);
    this.#resume();
  }

  get files(): readonly SiteFile[] {
    return this.#ledger.files;
  }

  /** A business system submits; throws the fault that it would hear. */
  append(dataset: string, entries: readonly Buffer[]): void {
    const log = this.#logs.get(dataset);
    if (!log) throw new RangeError(`no log ${dataset}`);
    this.#own.database.transaction(() => void log.append(encodeBundle(entries), entries.length));
  }

  /** The hint that the log grew; now and then it gets lost. */
  hint(dataset: string): void {
    const name = { origin: this.plan.site, dataset };
    this.#lanes.get(`push ${printLog(name)}`)?.wake();
    this.#replication.grew(name);
  }

  /** Somebody dialled us. */
  async answer(channel: Channel, direction: 'push' | 'pull'): Promise<void> {
    try {
      await this.#replication[direction](channel);
    } catch (error) {
      if (this.#alive && !(error instanceof Fault)) this.#world.failed(this.plan.site, error);
    } finally {
      channel.close();
    }
  }

  crash(): void {
    this.#alive = false;
    for (const lane of this.#lanes.values()) lane.stop();
    for (const file of this.files) file.close();
  }

  #file(origin: string): SiteFile {
    const { folder, clock, random, watch, mutation, opened } = this.#world;
    const path = `${folder}/${this.plan.site}-${origin}.db`;
    const mirror = mirrorOf(this.plan.site);
    // Whole milliseconds: the trace prints them.
    const diskMs = () => 1 + Math.floor(random.uniform() * this.diskMsMax);
    const file = new SiteFile({ path, mirror, clock, diskMs, watch, mutation });
    opened(this.plan.site, path);
    return file;
  }

  #sendingOwn(log: LogName, to: string): SendingLog {
    const own = log.origin === this.plan.site ? this.#logs.get(log.dataset) : undefined;
    const file = this.#ledger.fileOf(log.origin);
    const sending = new SendingStore(file.store, log, own, this.#world.clock);
    return this.#mutated(sending.for(() => directory.mirrorOf(to), to));
  }

  #carryAll(hearings: Hearings): void {
    const { above, own, pulled, forwarded, site } = this.plan;
    if (above === undefined) return;
    for (const dataset of own) {
      const name = { origin: site, dataset };
      this.#carry(name, above, { direction: 'push', log: this.#sendingOwn(name, above) });
    }
    for (const name of forwarded) {
      const log = this.#mutated(forwardedFrom(this.#ledger, name, directory, above));
      this.#carry(name, above, { direction: 'push', log });
    }
    for (const name of pulled) {
      const log = receivingInto(this.#ledger, name, directory, hearings);
      this.#carry(name, above, { direction: 'pull', log, observer: hearings.observer(name) });
    }
  }

  #carry(name: LogName, above: string, end: LaneEnd): void {
    const { clock, random, mutation, note } = this.#world;
    const { site } = this.plan;
    const lane = new Lane({
      name,
      end,
      site,
      peerSite: above,
      dial: (direction) => this.#world.dial(site, above, direction),
      clock,
      random,
      changed: ({ state, position, problem }) => {
        note(
          `${site} lane ${end.direction} ${printLog(name)} ${state} at ${position} ${problem?.code ?? ''}`,
        );
        if (mutation === 'never dials again' && state === 'waiting') lane.stop();
      },
    });
    this.#lanes.set(`${end.direction} ${printLog(name)}`, lane);
    lane.run().catch((error: unknown) => {
      if (this.#alive) this.#world.failed(site, error);
    });
  }

  /** Something of a received log was stored. */
  #grew(log: LogName): void {
    if (!this.#alive) return;
    this.#lanes.get(`push ${printLog(log)}`)?.wake();
    this.#replication.grew(log);
    this.#follow(log);
  }

  /** Followers take up where they stopped: what was stored just before a crash was not followed. */
  #resume(): void {
    const { site } = this.plan;
    for (const name of readdirSync(this.#world.folder).sort()) {
      const origin = new RegExp(`^${site}-([0-9]{6})\\.db$`).exec(name)?.[1];
      if (origin === undefined || origin === site) continue;
      for (const state of this.#ledger.fileOf(origin).store.all()) this.#follow(state.name);
    }
  }

  #follow(log: LogName): void {
    const { clock, random, failed } = this.#world;
    void clock.sleep(random.uniform() * 500).then(() => {
      try {
        if (this.#alive && !this.#ledger.fileOf(log.origin).follow(log)) this.#follow(log);
      } catch (error) {
        failed(this.plan.site, error);
      }
    });
  }

  #mutated(sending: SendingLog): SendingLog {
    if (this.#world.mutation !== 'leaves out an entry') return sending;
    return {
      ...sending,
      read: async (from, bounds) => {
        const batch = await sending.read(from, bounds);
        return batch && batch.count > 3 ? withoutFirst(batch) : batch;
      },
    };
  }
}

function withoutFirst(batch: Batch): Batch {
  const bundle = decompress(batch.compression, batch.entries, 1e8);
  const entries = sliceBundle(bundle, 1, batch.count);
  return { ...batch, first: batch.first + 1, count: batch.count - 1, compression: 'none', entries };
}
