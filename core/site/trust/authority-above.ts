import type { Clock } from '../../base/clock.ts';
import type { Uplink as UplinkConfig } from '../../base/config.ts';
import { SiteClient } from '../../wire/site-client.ts';
import type { Lists } from '../../wire/tls-material.ts';
import { destinationOf } from '../destination.ts';
import type { Renewal } from './certificate-desk.ts';
import type { Lesson, OwnIdentity, Trust } from './trust.ts';

/** Longest wait for an answer; a start waits for it too. */
const answerMs = 10_000;

/** The hub above as the authority over one identity, on a connection of its own that shows that identity. */
export class AuthorityAbove {
  readonly #above: UplinkConfig;
  readonly #trust: Trust;
  readonly #clock: Clock;

  constructor(above: UplinkConfig, trust: Trust, clock: Clock) {
    this.#above = above;
    this.#trust = trust;
    this.#clock = clock;
  }

  /** The next certificate of this identity, for the key of the request. */
  async renew(own: OwnIdentity, csr: Uint8Array): Promise<Renewal> {
    return this.#ask<Renewal>(own, 'renew', { csr }, 'checked');
  }

  /**
   * Newer lists and revocations, for a site whose own lists have expired: it checks chain, host and identity
   * of the hub, which is all that is left to check. Roots come with the registry alone.
   */
  async news(own: OwnIdentity): Promise<Required<Pick<Lesson, 'lists' | 'revoked'>>> {
    type Answer = { readonly crls: readonly Uint8Array[]; readonly revoked: readonly string[] };
    const { crls, revoked } = await this.#ask<Answer>(own, 'getTrust', {}, 'lapsed');
    return { lists: crls, revoked };
  }

  async #ask<Answer>(own: OwnIdentity, method: string, request: object, lists: Lists): Promise<Answer> {
    const material = this.#trust.materialOf(own);
    const destination = destinationOf(this.#above);
    const client = new SiteClient(material, destination, this.#trust.examine, this.#clock, lists);
    try {
      return await client.unary<Answer>('certificates', 'Certificates', method, request, answerMs);
    } finally {
      client.close();
    }
  }
}
