import { X509Certificate } from 'node:crypto';
import { fault } from '../core/base/errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import { publicKeyOf } from './key-pair.ts';
import { examinePeer, type Peer } from './peer-policy.ts';

/** What the enrolling side expects of one certificate that came back. */
export interface ExpectedIdentity {
  readonly site: string;
  readonly role: string;
  readonly name: string;
  /** PKCS#8 DER of the key of the request. */
  readonly privateKey: Uint8Array;
}

/**
 * The check of the enrolled side before anything is written: the chain leads to the pinned root, the leaf is
 * one that every peer will accept, for our key and for nothing but what we asked. TB1325 otherwise.
 */
export function checkIssued(
  chain: readonly Uint8Array[],
  root: Uint8Array,
  expected: ExpectedIdentity,
  nowMs: number,
): Peer {
  const refuse = (reason: string, cause?: unknown) => fault('TB1325', { reason }, cause);
  const [leafDer, issuingDer] = chain;
  if (leafDer === undefined || issuingDer === undefined || chain.length !== 2)
    throw refuse('no chain of two');
  let leaf: X509Certificate;
  let linked: boolean;
  try {
    leaf = new X509Certificate(leafDer);
    const issuing = new X509Certificate(issuingDer);
    const anchor = new X509Certificate(root);
    linked = leaf.checkIssued(issuing) && leaf.verify(issuing.publicKey);
    linked &&= issuing.ca && issuing.checkIssued(anchor) && issuing.verify(anchor.publicKey);
  } catch (error) {
    throw refuse('a certificate does not parse', error);
  }
  if (!linked) throw refuse('the chain does not lead to the root');
  const own = publicKeyOf(expected.privateKey);
  if (!leaf.publicKey.export({ type: 'spki', format: 'der' }).equals(own))
    throw refuse('it is for another key');
  const peer = examinePeer(leafDer, { trustDomain: trustDomainOf(root), nowMs, revoked: new Set() });
  if ('refusal' in peer) throw refuse(peer.refusal);
  const { site, role, name } = expected;
  if (peer.site !== site || peer.role !== role || peer.name !== name) throw refuse('it names somebody else');
  return peer;
}

/** The trust domain of a root (DER): the organisation in its subject. */
export function trustDomainOf(root: Uint8Array): string {
  return /^O=(.+)$/m.exec(new X509Certificate(root).subject)?.[1] ?? fingerprintOf(root);
}
