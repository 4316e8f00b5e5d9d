import { wipe } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { Peer } from '../../link/channel.ts';
import type { RingAccess } from '../seal/ring-access.ts';
import type { Renewable } from './certificate-agent.ts';
import type { Renewal } from './certificate-desk.ts';
import { type RingIdentity, readOwnRing, storeInRing } from './own-identity.ts';
import type { OwnIdentity, Trust } from './trust.ts';

export interface RingCertificateParts {
  readonly name: 'data' | 'uplink';
  /** Identity folder of the certificate; its key is in the ring. */
  readonly folder: string;
  readonly purpose: RingIdentity;
  readonly keys: RingAccess;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** A certificate of the open site: the file on the disk, the key in the ring, and its renewal. */
export class RingCertificate {
  readonly #parts: RingCertificateParts;
  #own: OwnIdentity;

  /** Throws TB1003, TB1398. */
  constructor(parts: RingCertificateParts) {
    const { folder, purpose, keys } = parts;
    this.#parts = parts;
    this.#own = readOwnRing(folder, keys.ring(), purpose);
  }

  get own(): OwnIdentity {
    return this.#own;
  }

  /**
   * `ask` gets the request and who asks; `trust` shows the new certificate as soon as it is stored.
   * `renewsExpired` where the one who is asked is this process.
   */
  renewable(
    trust: Trust,
    ask: (request: Uint8Array, self: Peer) => Promise<Renewal>,
    renewsExpired = false,
  ): Renewable {
    const { name, folder, purpose, keys, clock } = this.#parts;
    return {
      name,
      trust,
      own: () => this.#own,
      renewsExpired,
      ask,
      install: (renewed) => {
        storeInRing(folder, purpose, renewed, keys, clock.nowMs());
        this.#own = renewed;
        trust.replaceOwn(renewed.chain, renewed.privateKey);
      },
    };
  }

  /** Only after nobody shows it any more. */
  wipe(): void {
    wipe(this.#own.privateKey);
  }
}
