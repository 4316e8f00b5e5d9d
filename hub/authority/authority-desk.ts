import { X509Certificate } from 'node:crypto';
import { authorityName } from '../../certs/authority.ts';
import { type Fault, fault } from '../../core/base/errors.ts';
import type { Logger } from '../../core/base/logger.ts';
import { Loop } from '../../core/base/loop.ts';
import type { Peer } from '../../core/link/channel.ts';
import type {
  CertificateDesk,
  CertificateQuery,
  OfficerHere,
  RevocationOrder,
  RollOverOrder,
} from '../../core/site/trust/certificate-desk.ts';
import { type AuthorityParts, trustNow } from './authority-parts.ts';
import { stateOf, viewOf } from './certificate-register.ts';
import { issueHere } from './issue-here.ts';
import { Renewals } from './renewals.ts';
import { Revocations } from './revocations.ts';
import { RollOver } from './roll-over.ts';

/** How often it is looked whether a list is due: it survives a computer that slept. */
const lookMs = 600_000;
/** A roll-over takes weeks; half a year leaves room for finding the root. */
const endsSoonMs = 182 * 86_400_000;

/** The authority of a hub: renewals, revocations, lists, and the way to the next generation. */
export class AuthorityDesk implements CertificateDesk {
  readonly #parts: AuthorityParts;
  readonly #renewals: Renewals;
  readonly #revocations: Revocations;
  readonly #rollOver: RollOver;
  readonly #loop: Loop;
  #running: Promise<void> | undefined;

  constructor(parts: AuthorityParts, logger: Logger) {
    const { clock, random } = parts;
    this.#parts = parts;
    this.#renewals = new Renewals(parts);
    this.#revocations = new Revocations(parts);
    this.#rollOver = new RollOver(parts, () => this.#revocations.enforce());
    this.#loop = new Loop({
      name: 'revocation-lists',
      clock,
      random,
      intervalMs: lookMs,
      backoffMinMs: 1_000,
      backoffMaxMs: 60_000,
      once: async () => {
        await this.reissue();
        return 'idle';
      },
      failed: (error) => logger.warn('revocation lists could not be issued', { error }),
    });
  }

  /**
   * Puts in force what the tables say: what a crash kept from it after the last transaction too. Then lists
   * are re-issued for as long as the hub is open; `failed` hears of a loop that ended.
   */
  async start(failed: (error: unknown) => void): Promise<void> {
    await this.reissue();
    await this.#revocations.enforce();
    this.#running = this.#loop.run().catch(failed);
  }

  async stop(): Promise<void> {
    this.#loop.stop();
    await this.#running;
  }

  /** New lists where they are due; what is stored is put in force. */
  async reissue(): Promise<void> {
    const { turns, lists, database, registry, audit, issuers } = this.#parts;
    const issued = await turns.run(async () => {
      const due = lists.due();
      for (const generation of due) {
        const list = await lists.prepare(generation);
        const subject = `${issuers.nameOf(list.authorityId)} list ${list.number}`;
        database.transaction(() => {
          audit.write({ kind: 'authority', step: 'list-issued', by: 'site', subject });
          lists.store(list);
          registry.list(list);
        });
      }
      return due.length;
    });
    if (issued === 0) return;
    this.#parts.grew();
    await this.#revocations.enforce();
  }

  renew(csr: Uint8Array, peer: Peer) {
    return this.#renewals.renew(csr, peer);
  }

  renewOwn(csr: Uint8Array, self: Peer) {
    return this.#renewals.renewOwn(csr, self);
  }

  issueHere(officers: readonly OfficerHere[]) {
    return issueHere(this.#parts, officers);
  }

  trust() {
    const { register, clock } = this.#parts;
    return { ...trustNow(this.#parts), revoked: register.revoked(clock.nowMs()) };
  }

  revoke(order: RevocationOrder, officer: Peer) {
    return this.#revocations.revoke(order, officer);
  }

  list(query: CertificateQuery) {
    const { register, clock, issuers } = this.#parts;
    const nowMs = clock.nowMs();
    const { rows, more } = register.list(query, nowMs);
    const names = new Map(
      issuers.all().map(({ authorityId, issuing }) => [authorityId, authorityName(issuing)]),
    );
    return { certificates: rows.map((row) => viewOf(row, nowMs, (id) => names.get(id) ?? '?')), more };
  }

  rollOver(order: RollOverOrder, peer: Peer) {
    return this.#rollOver.step(order, peer);
  }

  async putRootList(crl: Uint8Array, peer: Peer) {
    const { turns, lists, issuers, database, registry, audit, grew } = this.#parts;
    const list = await turns.run(async () => {
      const roots = issuers.trusted().map(({ root }) => root);
      const read = await lists.read(crl, roots);
      database.transaction(() => {
        const subject = `${read.authority} list ${read.number}`;
        audit.write({ kind: 'authority', step: 'root-list', by: peer, subject, from: peer.address ?? '' });
        lists.store(read);
        registry.list(read);
      });
      return read;
    });
    grew();
    await this.#revocations.enforce();
    const { authority, number, nextUpdateMs } = list;
    return { authority, number, nextUpdateMs };
  }

  /** When a certificate was revoked, for those who only see a closed door. */
  revokedMs(fingerprint: string): number | undefined {
    return this.#parts.register.find(fingerprint)?.revokedMs;
  }

  /** `role/name` of persons of a site whose certificates are in force. */
  personsOf(site: string): string[] {
    const { register, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const held = register.unexpired({ site }, nowMs).filter((found) => stateOf(found, nowMs) !== 'revoked');
    return [...new Set(held.flatMap(({ role, name }) => (name === '' ? [] : [`${role}/${name}`])))];
  }

  /** Lists that were not renewed in time, authorities that end. */
  troubles(): Fault[] {
    const { lists, issuers, clock } = this.#parts;
    const ending = issuers.trusted().flatMap(({ issuing, root }) =>
      [issuing, root].flatMap((der) => {
        const ends = new X509Certificate(der).validToDate;
        if (ends.getTime() - clock.nowMs() > endsSoonMs) return [];
        return fault('TB1359', { authority: authorityName(der), time: ends.toISOString() });
      }),
    );
    return [...lists.late(), ...ending];
  }
}
