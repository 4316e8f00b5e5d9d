import { isRole, nameFits, sitePattern } from '../../certs/identity.ts';
import { assert } from '../../core/base/assert.ts';
import { fault } from '../../core/base/errors.ts';
import type { Peer } from '../../core/link/channel.ts';
import { printActor } from '../../core/site/audit/audit.ts';
import type { RevocationDone, RevocationOrder } from '../../core/site/trust/certificate-desk.ts';
import { type AuthorityParts, trustNow } from './authority-parts.ts';
import { type RegisteredCertificate, viewOf } from './certificate-register.ts';
import type { StoredList } from './revocation-lists.ts';

/** Why a certificate is taken back; the words of the registry. */
export const revocationReasons = ['key-compromise', 'left', 'superseded', 'site-dismissed'] as const;

const noteMin = 5;

/** Takes certificates back. One officer may: waiting for a second would be the attacker's time. */
export class Revocations {
  readonly #parts: AuthorityParts;

  constructor(parts: AuthorityParts) {
    this.#parts = parts;
  }

  /**
   * One transaction, then in force: what was asked for is durable before anything is cut, and a crash in
   * between is made good at the next opening. Asking again changes nothing and puts it in force again. Throws
   * TB1354 to TB1357, TB1219.
   */
  async revoke(given: RevocationOrder, officer: Peer): Promise<RevocationDone> {
    const order = checked(given);
    return this.#parts.turns.run(() => this.#revoke(order, officer));
  }

  /** Everything that is revoked, in force: at the opening, and after a revocation. */
  async enforce(): Promise<void> {
    const { register, enforcement, clock, issuers } = this.#parts;
    const revoked = register.revoked(clock.nowMs() - 86_400_000);
    const gone = issuers.all().filter(({ state }) => state === '3');
    const retired = gone.map(({ rootFingerprint }) => rootFingerprint);
    const { crls, ...authorities } = trustNow(this.#parts);
    // The order is the point: the next call is refused, new handshakes fail, then live calls and sockets end.
    const learned = enforcement.learn({ revoked, ...authorities, lists: crls, retired });
    try {
      await learned;
    } finally {
      // Whatever became of the new context, nobody who is revoked stays connected.
      enforcement.cut(revoked);
    }
  }

  async #revoke(order: RevocationOrder, officer: Peer): Promise<RevocationDone> {
    const { clock, registry, issuers } = this.#parts;
    const nowMs = clock.nowMs();
    const chosen = this.#chosen(order, nowMs);
    const isSite = order.fingerprint === '' && order.role === '';
    const state = isSite ? registry.stateOf(order.site) : undefined;
    const dismissed = state !== undefined && state !== '3';
    if (chosen.length === 0 && state === undefined) throw fault('TB1354', { what: whatOf(order) });
    const fresh = chosen.filter(({ revokedMs }) => revokedMs === undefined);
    this.#checkOwn(order, fresh);
    const already = chosen.length - fresh.length;
    const lists = order.dryRun ? [] : await this.#lists(fresh, nowMs);
    if (!order.dryRun && (fresh.length > 0 || dismissed)) {
      this.#store({ order, officer, fresh, dismissed, lists, nowMs });
    }
    if (!order.dryRun) await this.enforce();
    const word = (authorityId: string) => issuers.nameOf(authorityId);
    return {
      revoked: fresh.map((certificate) => {
        const after = order.dryRun
          ? certificate
          : (this.#parts.register.find(certificate.fingerprint) ?? certificate);
        return viewOf(after, nowMs, word);
      }),
      already,
      dismissed,
      listNumber: Math.max(0, ...lists.map(({ number }) => number)),
    };
  }

  #chosen({ fingerprint, site, role, name }: RevocationOrder, nowMs: number): RegisteredCertificate[] {
    const { register } = this.#parts;
    if (fingerprint !== '') {
      const found = register.find(fingerprint);
      return found ? [found] : [];
    }
    return register.unexpired(role === '' ? { site } : { site, role: roleOf(role), name }, nowMs);
  }

  /** The door can't be taken away from the hub itself while it stands in it. */
  #checkOwn(order: RevocationOrder, fresh: readonly RegisteredCertificate[]): void {
    const { site } = this.#parts;
    if (order.fingerprint === '' && order.role === '' && order.site === site) throw fault('TB1356', { site });
    const inUse = fresh.some((found) => {
      const serves = found.role === 'hub' || found.role === 'gate';
      return found.site === site && serves && found.supersededMs === undefined;
    });
    if (inUse) throw fault('TB1357');
  }

  /** The next list of every authority that signed one of them. */
  async #lists(fresh: readonly RegisteredCertificate[], nowMs: number): Promise<StoredList[]> {
    const { issuers, lists } = this.#parts;
    const prepared: StoredList[] = [];
    for (const generation of issuers.trusted()) {
      const of = fresh.filter(({ authorityId, notAfterMs }) => {
        return authorityId === generation.authorityId && notAfterMs > nowMs;
      });
      if (of.length === 0) continue;
      const revoking = of.map(({ serial }) => ({ serial, revokedMs: nowMs }));
      prepared.push(await lists.prepare(generation, revoking));
    }
    return prepared;
  }

  #store(what: {
    readonly order: RevocationOrder;
    readonly officer: Peer;
    readonly fresh: readonly RegisteredCertificate[];
    readonly dismissed: boolean;
    readonly lists: readonly StoredList[];
    readonly nowMs: number;
  }): void {
    const { order, officer, fresh, dismissed, lists, nowMs } = what;
    const { database, audit, register, registry } = this.#parts;
    const { reason, note, site } = order;
    const act = { kind: 'certificate', by: officer, reason: note, from: officer.address ?? '' } as const;
    database.transaction(() => {
      audit.write(
        ...fresh.map((certificate) => ({
          ...act,
          step: 'revoked',
          subject: `${printActor(certificate)} ${certificate.fingerprint}`,
          detail: reason,
        })),
        ...(dismissed ? [{ ...act, step: 'dismissed', subject: site, detail: reason }] : []),
      );
      for (const certificate of fresh) {
        assert(register.revoke(certificate.fingerprint, nowMs, reason), 'nobody else revokes meanwhile');
        registry.revocation(certificate, nowMs, reason);
      }
      if (dismissed) registry.dismiss(site);
      for (const list of lists) {
        this.#parts.lists.store(list);
        registry.list(list);
      }
    });
    this.#parts.grew();
  }
}

/** Fingerprints as anybody prints them (openssl: upper case and colons); TB1355 for what names nothing. */
function checked(order: RevocationOrder): RevocationOrder {
  const refuse = (reason: string) => fault('TB1355', { reason });
  const fingerprint = order.fingerprint.replaceAll(':', '').toLowerCase();
  const { site, role, name, reason, note } = order;
  if (fingerprint !== '') {
    if (!/^[0-9a-f]{64}$/.test(fingerprint)) throw refuse('the fingerprint has not 64 hex digits');
    if (site + role + name !== '') throw refuse('a fingerprint says it all');
  } else {
    if (!sitePattern.test(site)) throw refuse('the site code has not 6 digits');
    if (role === '' ? name !== '' : !(isRole(role) && nameFits(role, name)))
      throw refuse('no such role and name');
  }
  if (!(revocationReasons as readonly string[]).includes(reason)) throw refuse('no such reason');
  if ([...note.trim()].length < noteMin) throw refuse(`the note has fewer than ${noteMin} characters`);
  return { ...order, fingerprint };
}

function roleOf(role: string) {
  assert(isRole(role), 'a checked role');
  return role;
}

function whatOf({ fingerprint, site, role, name }: RevocationOrder): string {
  return fingerprint || [site, role, name].filter((part) => part !== '').join(' ');
}
