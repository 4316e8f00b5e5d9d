import { recordOf } from '../../certs/certificate-record.ts';
import { checkRequest } from '../../certs/certificate-request.ts';
import { keyIdentifier } from '../../certs/key-pair.ts';
import { issueLeaf } from '../../certs/leaf.ts';
import { assert } from '../../core/base/assert.ts';
import { fault } from '../../core/base/errors.ts';
import type { Peer } from '../../core/link/channel.ts';
import { printActor } from '../../core/site/audit/audit.ts';
import type { Renewal } from '../../core/site/trust/certificate-desk.ts';
import { type AuthorityParts, trustNow } from './authority-parts.ts';
import type { RegisteredCertificate } from './certificate-register.ts';

/**
 * A certificate that was replaced renews for three days more: after an answer that got lost, or a stop before
 * the new one was stored and a week-end, the old one asks again. Later it is a copy in strange hands.
 */
const replacedGraceMs = 3 * 86_400_000;
/** Valid certificates of one identity (I7): two are usual, a hundred rotations of a test take minutes. */
const validMax = 200;

/** New certificates for those who have one. */
export class Renewals {
  readonly #parts: AuthorityParts;

  constructor(parts: AuthorityParts) {
    this.#parts = parts;
  }

  /**
   * Site, role, name and hosts are those of the record, whatever the request says (trap 46); the old
   * certificate stays valid until its end. Throws TB1310, TB1350 to TB1353, TB1302, TB1303, TB1307, TB1219.
   */
  async renew(csr: Uint8Array, peer: Peer): Promise<Renewal> {
    const publicKey = await checkRequest(csr);
    return this.#parts.turns.run(() => this.#renew(publicKey, peer));
  }

  /**
   * As `renew`; but the gate and the data certificate of the hub itself are renewed after their end as well,
   * or a hub that was off for too long could never be called again: the authority that could help it lies in
   * its own ring. Nobody reaches this over the network. For anybody else it is `renew`.
   */
  async renewOwn(csr: Uint8Array, self: Peer): Promise<Renewal> {
    const publicKey = await checkRequest(csr);
    const { site } = this.#parts;
    const isOwn = self.site === site && self.name === '' && (self.role === 'gate' || self.role === 'hub');
    return this.#parts.turns.run(() => this.#renew(publicKey, self, isOwn));
  }

  async #renew(publicKey: Uint8Array, peer: Peer, isOwn = false): Promise<Renewal> {
    const { register, issuers, clock, random, database, audit, trustDomain, days } = this.#parts;
    const { site, role, name, hosts } = this.#standing(peer, isOwn);
    if (register.knowsKey(keyIdentifier(publicKey))) throw fault('TB1352');
    const current = issuers.current();
    const leaf = { identity: { trustDomain, site, role, name }, hosts, publicKey, lifeDays: days };
    const { certificate } = await issuers.signing(current, (authority) =>
      issueLeaf(authority, leaf, { clock, random }),
    );
    const issued = recordOf(certificate, trustDomain);
    database.transaction(() => {
      audit.write({
        kind: 'certificate',
        step: 'renewed',
        by: peer,
        subject: `${printActor(issued)} ${issued.fingerprint}`,
        from: peer.address ?? '',
        detail: `until ${new Date(issued.notAfterMs).toISOString()}`,
      });
      register.record(issued, clock.nowMs());
    });
    return { chain: [certificate, current.issuing], ...trustNow(this.#parts) };
  }

  /** The record of the certificate that asks, as long as it may renew. */
  #standing(peer: Peer, isOwn: boolean): RegisteredCertificate {
    const { register, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const held = register.find(peer.fingerprint);
    if (!held) throw fault('TB1350');
    const { site, role, name, supersededMs } = held;
    assert(site === peer.site && role === peer.role && name === peer.name, 'a record is its certificate');
    if (held.revokedMs !== undefined) throw fault('TB1302', { fingerprint: peer.fingerprint });
    if (!isOwn && held.notAfterMs <= nowMs) throw fault('TB1303');
    if (!isOwn && supersededMs !== undefined && nowMs > supersededMs + replacedGraceMs) {
      throw fault('TB1351', { time: new Date(supersededMs).toISOString() });
    }
    const valid = register.unexpired(held, nowMs).filter(({ revokedMs }) => revokedMs === undefined);
    if (valid.length < validMax) return held;
    throw fault('TB1353', { holder: printActor(peer), count: valid.length });
  }
}
