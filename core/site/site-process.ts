import { rmSync, writeFileSync } from 'node:fs';
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import { fault } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Channel, Peer } from '../link/channel.ts';
import type { KeyRing } from '../seal/key-ring.ts';
import { Seal } from '../seal/seal.ts';
import { FolderLock } from '../store/folder-lock.ts';
import { recheckMs, type Services, SiteListener } from '../wire/site-listener.ts';
import type { Examine } from '../wire/tls-material.ts';
import { readIdentity } from './identity-folder.ts';
import type { OpenSite } from './open-site.ts';
import { authorise } from './rights.ts';
import { servicesOf } from './services.ts';
import type { SiteFolder } from './site-folder.ts';

export interface SiteProcessOptions {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Peer policy of certs for this site's own trust domain. */
  readonly examine: Examine;
  /** Builds the unsealed site; what it throws leaves the site sealed. */
  open(ring: KeyRing): Promise<OpenSite>;
  /** Admits ID numbers with the never assigned area 99: demonstrations and tests. */
  readonly testIds: boolean;
}

/**
 * The process that a node and a hub share: one data folder, one listener, sealed at the start. While sealed
 * it shows the gate's certificate and answers the ceremony; an opened ring brings the databases and the rest.
 */
export class SiteProcess {
  readonly #options: SiteProcessOptions;
  readonly #lock: FolderLock;
  readonly #seal: Seal;
  readonly #stop = new AbortController();
  #listener: SiteListener | undefined;
  #site: OpenSite | undefined;
  #failed: unknown;

  /** Takes the folder. Throws TB1109 while another process has it, and what the seal finds damaged. */
  constructor(options: SiteProcessOptions) {
    const { folder, config, clock, random } = options;
    this.#options = options;
    this.#lock = FolderLock.take(folder.folder);
    this.#seal = Seal.open(folder.seal, { site: config.site, clock, random });
  }

  /** Serves until the signal; throws when the site could not go on. Resolves after everything is closed. */
  async run(signal: AbortSignal, ready: (port: number) => void): Promise<void> {
    const { folder, config, clock, logger } = this.#options;
    signal.addEventListener('abort', () => this.#stop.abort(), { once: true });
    try {
      this.#listener = await this.#listen();
      const port = await this.#listener.listen(config.listen.host, config.listen.port);
      writeFileSync(folder.run, JSON.stringify({ port, pid: process.pid }), { mode: 0o644 });
      logger.info('listening, sealed', { port });
      ready(port);
      while (!this.#stop.signal.aborted) {
        await clock.sleep(recheckMs, this.#stop.signal);
        this.#listener.recheck();
      }
    } finally {
      await this.#close();
      rmSync(folder.run, { force: true });
      this.#listener?.close();
      this.#seal.close();
      this.#lock.release();
      logger.info('stopped');
    }
    if (this.#failed) throw this.#failed;
  }

  async #listen(): Promise<SiteListener> {
    const { folder, config, clock, examine, logger } = this.#options;
    const material = await readIdentity(folder.gate);
    const ports = {
      examine,
      authorise: (peer: Peer, method: string) => authorise(config.site, peer, method),
      refused: ({ error, method, from }: { error: Error; method: string; from: object }) =>
        logger.warn('call refused', { method, from, error }),
    };
    return new SiteListener(material, this.#services(), ports, clock);
  }

  #services(): Services {
    const { config, version, clock, testIds } = this.#options;
    return servicesOf({
      config,
      version,
      clock,
      testIds,
      seal: this.#seal,
      open: () => this.#opened(),
      opened: () => this.#open(),
      closed: (by, reason) => this.#sealBy(by, reason),
      converse: (direction, channel) => this.#converse(direction, channel),
    });
  }

  #opened(): OpenSite {
    if (!this.#site) throw fault('TB1601', { site: this.#options.config.site });
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

  async #open(): Promise<void> {
    const { logger } = this.#options;
    assert(!this.#site, 'a site is opened once');
    try {
      const site = await this.#options.open(this.#seal.ring());
      this.#site = site;
      this.#listener?.replace(site.material);
      void site.failed.then((error) => this.#fail(error));
    } catch (error) {
      await this.#close();
      this.#seal.seal('site');
      throw error;
    }
    logger.info('unsealed', { epoch: this.#seal.status().epoch });
  }

  /** The reason goes into the program log, masked like everything there; the journal names who and when. */
  async #sealBy(by: string, reason: string): Promise<void> {
    this.#options.logger.info('sealing', { by, reason });
    await this.#close();
  }

  async #close(): Promise<void> {
    const site = this.#site;
    this.#site = undefined;
    if (!site) return;
    if (!this.#stop.signal.aborted) this.#listener?.replace(await readIdentity(this.#options.folder.gate));
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
