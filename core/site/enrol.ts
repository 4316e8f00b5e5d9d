import { parseToken } from '../../certs/enrolment-token.ts';
import { checkIssued, trustDomainOf } from '../../certs/issued-identity.ts';
import { examinePeer } from '../../certs/peer-policy.ts';
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { EnrolmentClient } from '../wire/enrolment-client.ts';
import { type Anchor, parseAnchor } from './directory.ts';
import type { IssuedIdentity } from './store-identities.ts';
import { type WantedIdentity, wishOf } from './wanted-identity.ts';

export interface Enrolled {
  readonly site: string;
  readonly trustDomain: string;
  readonly root: Uint8Array;
  readonly lists: readonly Uint8Array[];
  readonly issued: readonly IssuedIdentity[];
  readonly anchor: Anchor;
  /** host:port of the hub's replication. */
  readonly uplinkAddress: string;
}

/**
 * Exchanges the token for certificates; the hub is proven by the token's fingerprint before it is told
 * anything.
 */
export async function enrol(
  line: string,
  wanted: readonly WantedIdentity[],
  keys: { readonly log: Uint8Array; readonly mirror: Uint8Array; readonly journal: Uint8Array },
  clock: Clock,
): Promise<Enrolled> {
  const token = parseToken(line);
  const { site, host } = token;
  const client = new EnrolmentClient(
    token,
    (certificate, root) =>
      examinePeer(certificate, {
        trustDomain: trustDomainOf(root),
        nowMs: clock.nowMs(),
        revoked: new Set(),
      }),
    clock,
  );
  const certificates = await Promise.all(wanted.map(wishOf));
  const { root, crls, registry, ...result } = await client.enrol({
    token: token.token,
    site,
    certificates,
    keys,
  });
  const issued = wanted.map((identity, i) => {
    const chain = result.certificates[i]?.chain;
    assert(chain, 'a certificate for each request');
    const { role, name } = identity;
    const { privateKey } = identity.keys;
    checkIssued(chain, root, { site, role, name, privateKey }, clock.nowMs());
    return { ...identity, chain };
  });
  const anchor = parseAnchor(registry);
  const uplinkAddress = `${host.includes(':') ? `[${host}]` : host}:${anchor.port}`;
  return { site, trustDomain: trustDomainOf(root), root, lists: crls, issued, anchor, uplinkAddress };
}
