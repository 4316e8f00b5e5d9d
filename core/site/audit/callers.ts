import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Peer } from '../../link/channel.ts';
import type { RefusedCall } from '../../wire/admission.ts';
import type { RemoteAddress } from '../../wire/connections.ts';
import type { RefusedHandshake } from '../../wire/refused-handshakes.ts';
import type { ListenerPorts } from '../../wire/site-listener.ts';
import type { Examine } from '../../wire/tls-material.ts';
import { authorise } from '../rights/authorise.ts';
import { rights } from '../rights/rights.ts';
import type { Audit } from './audit.ts';
import { Logins } from './logins.ts';
import { Refusals } from './refusals.ts';

/** Who calls: the table of rights, and what the audit log says of callers before any handler runs. */
export class Callers {
  readonly #site: string;
  readonly #logger: Logger;
  /** Undefined while the site is sealed. */
  readonly #audit: () => Audit | undefined;
  readonly #logins = new Logins();
  readonly #refusals: Refusals;

  constructor(site: string, clock: Clock, logger: Logger, audit: () => Audit | undefined) {
    this.#site = site;
    this.#logger = logger;
    this.#audit = audit;
    this.#refusals = new Refusals(clock, audit);
  }

  /** What the listener asks and tells. */
  ports(examine: Examine): ListenerPorts {
    return {
      examine,
      authorise: (peer, method, from) => this.#authorise(peer, method, from),
      refused: (call) => this.#refused(call),
      handshakeRefused: (refused) => this.#handshakeRefused(refused),
      closed: (from) => this.#logins.closed(from),
    };
  }

  /** Asked every few seconds: writes the sum of what was too much to be written one by one. */
  look(): void {
    this.#refusals.flush();
  }

  /** The audit log is about to close; everybody logs in anew after the next unsealing. */
  closing(): void {
    this.#refusals.flush('now');
    this.#logins.forget();
  }

  /**
   * Who can't be written down is not let in. But anybody who may sees the state of site and seal, and what
   * the seal writes into its own journal does not wait for this log: an emergency sealing least of all.
   */
  #authorise(peer: Peer, method: string, from: RemoteAddress): Fault | undefined {
    const forbidden = authorise(this.#site, peer, method);
    const audit = this.#audit();
    if (forbidden || !audit) return forbidden;
    try {
      this.#logins.admit(peer, from, method, audit);
      return undefined;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const right = rights[method];
      return right?.sealed || right?.audited === 'look' ? undefined : error;
    }
  }

  #refused({ error, method, from, peer, fingerprint }: RefusedCall): void {
    this.#logger.warn('call refused', { method, from, error });
    this.#refusals.add({
      step: 'call-refused',
      by: peer ?? 'site',
      subject: method,
      result: error.code,
      from: from.address,
      detail: peer || fingerprint === undefined ? '' : `certificate ${fingerprint}`,
    });
  }

  #handshakeRefused({ reason, from, untold }: RefusedHandshake): void {
    this.#logger.warn('handshake refused', { reason, from, untold });
    const result = /^[A-Za-z0-9_-]{1,40}$/.test(reason) ? reason : 'handshake';
    this.#refusals.add({ step: 'handshake-refused', by: 'site', result, from: from.address }, untold);
  }
}
