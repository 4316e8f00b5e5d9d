import type { Peer } from '../../link/channel.ts';
import type { RemoteAddress } from '../../wire/connections.ts';
import type { Audit } from './audit.ts';

/** Sites are no persons: their certificates log in with every connection of every lane. */
const sites: ReadonlySet<string> = new Set(['gate', 'node', 'hub']);

/**
 * Writes the first admitted call of a person or system on a connection. A connection that is open through an
 * unsealing logs in afterwards, as nothing can be written before.
 */
export class Logins {
  /** Fingerprints that have logged in, by connection; gone with it, so never more than connections. */
  readonly #known = new Map<string, Set<string>>();

  /** Throws TB1219: who can't be written down is not let in. */
  admit(peer: Peer, from: RemoteAddress, method: string, audit: Audit): void {
    if (sites.has(peer.role)) return;
    const connection = keyOf(from);
    const known = this.#known.get(connection) ?? new Set();
    if (known.has(peer.fingerprint)) return;
    audit.write({ kind: 'login', step: 'logged-in', by: peer, from: from.address, subject: method });
    known.add(peer.fingerprint);
    this.#known.set(connection, known);
  }

  closed(from: RemoteAddress): void {
    this.#known.delete(keyOf(from));
  }

  /** After a sealing everybody logs in anew. */
  forget(): void {
    this.#known.clear();
  }
}

function keyOf({ address, port }: RemoteAddress): string {
  return `${address} ${port}`;
}
