import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import { type Fault, fault } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Peer } from '../../link/channel.ts';
import type { OpenSite } from '../open-site.ts';
import type { SiteFolder } from '../site-folder.ts';
import { AuthorityAbove } from './authority-above.ts';
import { CertificateAgent, type Renewable } from './certificate-agent.ts';
import type { Renewal } from './certificate-desk.ts';
import type { Door } from './door.ts';
import { storeInFolder } from './own-identity.ts';

export interface GateRenewalParts {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * The certificates of a process: the gate's for as long as it runs, sealed or not, and those of the open
 * site. A county asks the hub above; a hub asks itself, so its gate waits until it is open.
 */
export class GateRenewal {
  readonly #parts: GateRenewalParts;
  readonly #door: Door;
  readonly #site: () => OpenSite | undefined;
  readonly #above: AuthorityAbove | undefined;
  readonly #agent: CertificateAgent;
  #running: Promise<void> | undefined;

  constructor(parts: GateRenewalParts, door: Door, site: () => OpenSite | undefined) {
    const { config, clock, random, logger } = parts;
    this.#parts = parts;
    this.#door = door;
    this.#site = site;
    // A hub's authority is its own; the hub above it knows nothing of its gate.
    const above = config.tier === 'county' ? config.uplink : undefined;
    this.#above = above && new AuthorityAbove(above, door.trust, clock);
    const gate = this.#gate();
    this.#agent = new CertificateAgent({
      clock,
      random,
      logger,
      before: () => this.fetchNews(),
      renewables: () => [gate, ...(this.#site()?.renewables ?? [])],
      record: (name, { fingerprint, notAfterMs }) =>
        this.#site()?.audit.write({
          kind: 'certificate',
          step: 'installed',
          by: 'site',
          subject: `${name} ${fingerprint}`,
          detail: `until ${new Date(notAfterMs).toISOString()}`,
        }),
    });
  }

  /** `failed` hears of a defect, which ends the agent. */
  start(failed: (error: unknown) => void): void {
    this.#running = this.#agent.run().catch(failed);
  }

  async stop(): Promise<void> {
    this.#agent.stop();
    await this.#running;
  }

  /** The site has been opened: what could not be renewed before is tried at once. */
  wake(): void {
    this.#agent.wake();
  }

  troubles(): readonly Fault[] {
    return [...this.#agent.troubles(), ...this.#door.trust.troubles()];
  }

  /** A county whose lists have expired asks for newer ones with the gate's certificate. Throws faults. */
  async fetchNews(): Promise<void> {
    const { trust, gate } = this.#door;
    if (!this.#above || trust.lapsed().length === 0) return;
    const { lists, revoked } = await this.#above.news(gate);
    await trust.learn({ revoked });
    await trust.learnLists(lists);
  }

  #gate(): Renewable {
    const door = this.#door;
    return {
      name: 'gate',
      trust: door.trust,
      own: () => door.gate,
      renewsExpired: this.#parts.config.tier !== 'county',
      ask: (request, self) => this.#ask(request, self),
      install: (renewed) => {
        storeInFolder(this.#parts.folder.gate, renewed);
        door.renewGate(renewed, this.#site() === undefined);
      },
    };
  }

  async #ask(request: Uint8Array, self: Peer): Promise<Renewal> {
    if (this.#above) return this.#above.renew(this.#door.gate, request);
    const { site } = this.#parts.config;
    const open = this.#site();
    if (!open) throw fault('TB1601', { site });
    if (!open.certificates) throw fault('TB1702', { site });
    return open.certificates.renewOwn(request, self);
  }
}
