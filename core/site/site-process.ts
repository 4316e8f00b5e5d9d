import { rmSync, writeFileSync } from 'node:fs';
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import { Fault, fault } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Channel } from '../link/channel.ts';
import type { KeyRing } from '../seal/key-ring.ts';
import { Seal } from '../seal/seal.ts';
import { FolderLock } from '../store/folder-lock.ts';
import { recheckMs, type Services } from '../wire/site-listener.ts';
import type { Act } from './audit/audit.ts';
import { auditedServices } from './audit/audited-services.ts';
import { Callers } from './audit/callers.ts';
import { writeOpening } from './audit/opening-acts.ts';
import { DatabaseDesk } from './databases/database-desk.ts';
import type { OpeningHere } from './joining/open-here.ts';
import type { OpenSite, ProcessPorts } from './open-site.ts';
import type { RingAccess } from './seal/ring-access.ts';
import { servicesOf } from './services.ts';
import type { SiteFolder } from './site-folder.ts';
import { Door } from './trust/door.ts';
import { GateRenewal } from './trust/gate-renewal.ts';

export interface SiteProcessOptions {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Builds the unsealed site; what it throws leaves the site sealed. */
  open(ring: KeyRing, keys: RingAccess, ports: ProcessPorts): Promise<OpenSite>;
  /** Admits ID numbers with the never assigned area 99: demonstrations and tests. */
  readonly testIds: boolean;
  /** Officers are at the machine: the site is open when it first answers. */
  readonly here?: OpeningHere | undefined;
}

/** Half of what an officer's command waits for an unsealing. */
const rotationPatienceMs = 60_000;

/**
 * The process that a node and a hub share: one data folder, one listener, sealed at the start. While sealed
 * it shows the gate's certificate and answers the ceremony; an opened ring brings the databases and the rest.
 */
export class SiteProcess {
  readonly #options: SiteProcessOptions;
  readonly #lock: FolderLock;
  readonly #seal: Seal;
  readonly #databases: DatabaseDesk;
  readonly #stop = new AbortController();
  #door: Door | undefined;
  #renewal: GateRenewal | undefined;
  #site: OpenSite | undefined;
  readonly #callers: Callers;
  readonly #startedMs: number;
  #startWritten = false;
  /** What was done here before the audit log was open. */
  #actsHere: readonly Act[] = [];
  #failed: unknown;
  /** An opening under way; it never rejects. */
  #opening: Promise<unknown> | undefined;
  /** The site is to close: what is being opened is not. */
  #shutting = false;

  /** Takes the folder. Throws TB1109 while another process has it, and what the seal finds damaged. */
  constructor(options: SiteProcessOptions) {
    const { folder, config, clock, random, logger } = options;
    this.#options = options;
    this.#startedMs = clock.nowMs();
    this.#callers = new Callers(config.site, clock, logger, () => this.#site?.audit);
    this.#lock = FolderLock.take(folder.folder);
    this.#seal = Seal.open(folder.seal, { site: config.site, clock, random });
    const keys = this.#keys();
    const reopen = () => this.#reopen();
    this.#databases = new DatabaseDesk({ site: config.site, folder, keys, clock, random, logger, reopen });
  }

  /** Serves until the signal; throws when the site could not go on. Resolves after everything is closed. */
  async run(signal: AbortSignal, ready: (port: number) => void): Promise<void> {
    const { folder, clock, logger, here } = this.#options;
    signal.addEventListener('abort', () => this.#stop.abort(), { once: true });
    try {
      // Before it listens: a refusal ends the process, and certificates that it installs are shown at once.
      this.#actsHere = (await here?.enter(this.#seal, this.#keys())) ?? [];
      const port = await this.#listen();
      writeFileSync(folder.run, JSON.stringify({ port, pid: process.pid }), { mode: 0o644 });
      logger.info(here ? 'listening' : 'listening, sealed', { port });
      if (here) await this.#openHere(here);
      ready(port);
      while (!this.#stop.signal.aborted) {
        await clock.sleep(recheckMs, this.#stop.signal);
        this.#door?.look();
        this.#callers.look();
      }
    } finally {
      await this.#shut();
      rmSync(folder.run, { force: true });
      await this.#renewal?.stop();
      this.#door?.close();
      this.#seal.close();
      this.#lock.release();
      logger.info('stopped');
    }
    if (this.#failed) throw this.#failed;
  }

  /** The port. */
  async #listen(): Promise<number> {
    const { config, logger } = this.#options;
    const door = await Door.open(this.#options);
    this.#door = door;
    this.#renewal = new GateRenewal(this.#options, door, () => this.#site);
    // Before it listens: with newer lists the door has nobody to turn away for their sake.
    for (const error of door.trust.lapsed()) logger.error('a revocation list has expired', { error });
    await this.#renewal.fetchNews().catch((error) => logger.warn('no newer revocation lists', { error }));
    const listener = door.build(this.#services(), this.#callers.ports(door.trust.examine));
    const port = await listener.listen(config.listen.host, config.listen.port);
    this.#renewal.start((error) => this.#fail(error));
    return port;
  }

  #ports(): ProcessPorts {
    const door = this.#door;
    assert(door, 'a site is opened through its door');
    return { trust: door.trust, cut: (fingerprints) => door.cut(fingerprints) };
  }

  #services(): Services {
    const { config, version, clock, testIds } = this.#options;
    const services = servicesOf({
      config,
      version,
      clock,
      testIds,
      seal: this.#seal,
      open: () => this.#opened(),
      opened: () => this.#open(),
      databases: this.#databases,
      closed: (by, reason) => this.#sealBy(by, reason),
      converse: (direction, channel) => this.#converse(direction, channel),
      failed: (error) => this.#fail(error),
    });
    return auditedServices(services, () => this.#opened().audit);
  }

  #opened(): OpenSite {
    if (!this.#site) throw this.#databases.busy() ?? fault('TB1601', { site: this.#options.config.site });
    return this.#site;
  }

  async #converse(direction: 'push' | 'pull', channel: Channel): Promise<void> {
    const site = this.#site;
    if (!site?.replication) {
      const text = `site ${this.#options.config.site} is sealed`;
      await channel.send({ kind: 'refusal', code: 'sealed', size: undefined, text });
      return channel.close();
    }
    await site.replication[direction](channel);
  }

  #keys(): RingAccess {
    const replace: RingAccess['replace'] = (change) => {
      try {
        this.#seal.replaceRing(change);
      } catch (error) {
        if (error instanceof Fault && error.code === 'TB1228') this.#fail(error);
        throw error;
      }
    };
    return { ring: () => this.#seal.ring(), replace };
  }

  async #open(): Promise<void> {
    const { clock, logger } = this.#options;
    const opening = this.#openSite();
    this.#opening = opening.catch((error: unknown) => logger.error('the site did not open', { error }));
    // The last officer's call waits no longer for a rotation that goes on; GetRekey tells how far it is.
    const opened = new AbortController();
    const late = clock.sleep(rotationPatienceMs, opened.signal);
    await Promise.race([opening, late.then(() => (this.#databases.busy() ? undefined : opening))]);
    opened.abort();
  }

  /** With the ring that was opened before it listened. */
  async #openHere(here: OpeningHere): Promise<void> {
    const opening = this.#openSite();
    this.#opening = opening.catch(() => undefined);
    await opening;
    if (!this.#site) return;
    try {
      await here.opened(this.#site);
    } catch (error) {
      await this.#close();
      this.#seal.seal('site');
      throw error;
    }
  }

  /** Again with the ring that is open already: the databases have got, or are to get, another key. */
  async #reopen(): Promise<void> {
    const site = this.#site;
    assert(site, 'an open site is reopened');
    this.#site = undefined;
    this.#door?.showGate();
    const opening = this.#databases.detach().then(async () => {
      await site.close();
      if (!this.#shutting) await this.#openSite();
    });
    this.#opening = opening.catch(() => undefined);
    await opening;
  }

  async #openSite(): Promise<void> {
    const { logger } = this.#options;
    assert(!this.#site, 'a site is opened once');
    try {
      await this.#databases.finishRotation();
      const site = this.#complete(await this.#options.open(this.#seal.ring(), this.#keys(), this.#ports()));
      this.#site = site;
      this.#record(site);
      this.#door?.show(site.own);
      void site.failed.then((error) => this.#fail(error));
      this.#databases.attach(site);
    } catch (error) {
      // Who closes it seals it too, in the own name.
      if (this.#shutting) throw error;
      await this.#close();
      this.#seal.seal('site');
      throw error;
    }
    this.#renewal?.wake();
    logger.info('unsealed', { epoch: this.#seal.status().epoch });
  }

  #complete(site: OpenSite): OpenSite {
    const origin = this.#options.config.site;
    const own = () => this.#renewal?.troubles().map((fault) => ({ origin, fault })) ?? [];
    return { ...site, troubles: () => [...site.troubles(), ...own()] };
  }

  /** Fail closed: what can't be written, or does not continue what is there, leaves the site sealed. */
  #record(site: OpenSite): void {
    const { config, version, logger } = this.#options;
    const startedMs = this.#startWritten ? undefined : this.#startedMs;
    const journal = this.#seal.journalRecords();
    try {
      writeOpening(site, { site: config.site, version, journal, startedMs, here: this.#actsHere });
    } catch (error) {
      logger.error('alarm: the audit log does not take the opening; the site stays sealed', { error });
      throw error;
    }
    this.#startWritten = true;
    this.#actsHere = [];
  }

  /** The reason goes into the program log, masked like everything there; the journal names who and when. */
  async #sealBy(by: string, reason: string): Promise<void> {
    this.#options.logger.info('sealing', { by, reason });
    await this.#shut();
  }

  /** Sessions and a rotation end at once, an opening under way comes to its end, then the site is closed. */
  async #shut(): Promise<void> {
    this.#shutting = true;
    try {
      await this.#databases.detach();
      await this.#opening;
      await this.#databases.detach();
      await this.#close();
    } finally {
      this.#shutting = false;
    }
  }

  async #close(): Promise<void> {
    const site = this.#site;
    if (site) this.#callers.closing();
    this.#site = undefined;
    if (!site) return;
    if (!this.#stop.signal.aborted) this.#door?.showGate();
    await site.close();
    this.#options.logger.info('sealed');
  }

  /** I10: nobody knows any more what is durable; the next start reads the truth. */
  #fail(error: unknown): void {
    this.#options.logger.error('the site can not go on', { error });
    this.#failed = error;
    this.#stop.abort();
  }
}
