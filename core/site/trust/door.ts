import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import { type Fault, fault } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Peer } from '../../link/channel.ts';
import { type ListenerPorts, type Services, SiteListener } from '../../wire/site-listener.ts';
import type { Lists } from '../../wire/tls-material.ts';
import type { SiteFolder } from '../site-folder.ts';
import { readOwnFolder } from './own-identity.ts';
import { type OwnIdentity, Trust } from './trust.ts';

export interface DoorParts {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The listener of a site and what it goes by: whatever is learned about trust reaches it here, in the order
 * that leaves no gap. The set of revoked certificates has changed already when it is told, so the next call
 * is refused; then new handshakes see the new lists; then live calls end with status 16 and a reason; then
 * their connections are destroyed.
 *
 * Without a valid revocation list OpenSSL would refuse everybody, and the site could not even be opened to
 * fetch a newer one. Then the door lets nobody in but officers, to the `Seal` service alone: opening takes
 * the shares of several of them, and whom this site knows to be revoked is refused as ever.
 */
export class Door {
  readonly trust: Trust;
  readonly #parts: DoorParts;
  #gate: OwnIdentity;
  #listener: SiteListener | undefined;
  #lists: Lists = 'checked';

  private constructor(parts: DoorParts, gate: OwnIdentity, trust: Trust) {
    this.#parts = parts;
    this.#gate = gate;
    this.trust = trust;
    trust.onChange(() => this.#apply());
  }

  /** Reads the gate's certificate and what is known. Throws TB1003, TB1322, TB1324, TB1398, TB1604. */
  static async open(parts: DoorParts): Promise<Door> {
    const { folder, config, clock } = parts;
    const gate = readOwnFolder(folder.gate);
    const { trustDomain } = config;
    return new Door(parts, gate, await Trust.open({ folder: folder.gate, trustDomain, clock }, gate));
  }

  get gate(): OwnIdentity {
    return this.#gate;
  }

  /** The listener, which shows the gate's certificate. Throws TB1320. */
  build(services: Services, ports: ListenerPorts): SiteListener {
    const { clock } = this.#parts;
    this.#lists = this.#wanted();
    const guarded: ListenerPorts = {
      ...ports,
      authorise: (peer, method, from) => this.#lapse(peer, method) ?? ports.authorise(peer, method, from),
    };
    this.#listener = new SiteListener(this.trust.material, services, guarded, clock, this.#lists);
    return this.#listener;
  }

  /** The open site's certificate from now on. */
  show(own: OwnIdentity): void {
    this.trust.replaceOwn(own.chain, own.privateKey);
  }

  showGate(): void {
    this.show(this.#gate);
  }

  /** The gate has another certificate; `inUse` while it is the one that is shown. */
  renewGate(own: OwnIdentity, inUse: boolean): void {
    this.#gate = own;
    if (inUse) this.showGate();
  }

  /** With every heartbeat: certificates and lists run out without anybody doing anything. */
  look(): void {
    if (this.#wanted() === this.#lists) this.#listener?.recheck();
    else this.#apply();
  }

  /** Ends what these certificates have open. The caller has made the trust refuse them. */
  cut(fingerprints: readonly string[]): void {
    for (const fingerprint of fingerprints)
      this.#listener?.revoke(fingerprint, fault('TB1302', { fingerprint }));
  }

  close(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  #apply(): void {
    const before = this.#lists;
    this.#lists = this.#wanted();
    if (this.#lists !== before) this.#say();
    try {
      this.#listener?.replace(this.trust.material, this.#lists);
    } finally {
      this.#listener?.recheck();
    }
  }

  #say(): void {
    const { logger } = this.#parts;
    if (this.#lists === 'checked') return logger.info('revocation lists are valid again');
    for (const error of this.trust.lapsed()) logger.error('a revocation list has expired', { error });
  }

  #wanted(): Lists {
    return this.trust.lapsed().length === 0 ? 'checked' : 'lapsed';
  }

  #lapse({ role }: Peer, method: string): Fault | undefined {
    if (this.#lists === 'checked') return undefined;
    if (role === 'officer' && method.startsWith('/tongbu.v1.Seal/')) return undefined;
    return fault('TB1391', { site: this.#parts.config.site });
  }
}
