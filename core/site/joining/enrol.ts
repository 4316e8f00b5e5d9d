import { enrolmentDigest } from '../../../certs/enrolment-digest.ts';
import { type EnrolmentToken, parseToken } from '../../../certs/enrolment-token.ts';
import { checkIssued, trustDomainOf } from '../../../certs/issued-identity.ts';
import { keyWords } from '../../../certs/key-words.ts';
import { examinePeer } from '../../../certs/peer-policy.ts';
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import { EnrolmentClient } from '../../wire/enrolment-client.ts';
import { type Anchor, parseAnchor } from '../directory.ts';
import { type EnrolmentPatience, patiently } from './enrolment-patience.ts';
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

/** Raw Ed25519 public keys of a site; empty for persons and systems. */
export interface PublicSiteKeys {
  readonly log: Uint8Array;
  readonly mirror: Uint8Array;
  readonly journal: Uint8Array;
}

/**
 * Exchanges the token for certificates; the hub is proven by the token's fingerprint before it is told
 * anything, and an officer there has to approve the keys before it gives anything. The keys of `wanted` are
 * in memory alone until then: whoever interrupts this begins again with new ones. Throws the hub's faults,
 * TB1325, TB1373, and TB1374 or TB1375 when interrupted.
 */
export async function enrol(
  line: string,
  wanted: readonly WantedIdentity[],
  keys: PublicSiteKeys,
  patience: EnrolmentPatience,
): Promise<Enrolled> {
  const token = parseToken(line);
  const { site, host, hubSite } = token;
  const { clock } = patience;
  const certificates = await Promise.all(wanted.map(wishOf));
  const content = wanted.map((identity) => ({ ...identity, publicKey: identity.keys.publicKey }));
  const question = {
    hubSite,
    request: { token: token.token, site, certificates, keys },
    words: keyWords(enrolmentDigest({ site, certificates: content, keys })),
  };
  const { root, crls, registry, ...result } = await patiently(clientOf(token, clock), question, patience);
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

function clientOf(token: EnrolmentToken, clock: Clock): EnrolmentClient {
  const examine = (certificate: Uint8Array, root: Uint8Array) =>
    examinePeer(certificate, {
      trustDomain: trustDomainOf(root),
      nowMs: clock.nowMs(),
      revoked: new Set(),
    });
  return new EnrolmentClient(token, examine, clock);
}
