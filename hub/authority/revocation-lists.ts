import { authorityName, backDateMs } from '../../certs/authority.ts';
import {
  issueRevocationList,
  issuingListLifeMs,
  type RevocationList,
  type RevokedSerial,
  readRevocationList,
} from '../../certs/revocation-list.ts';
import { assert } from '../../core/base/assert.ts';
import type { Clock } from '../../core/base/clock.ts';
import { type Fault, fault } from '../../core/base/errors.ts';
import type { Database } from '../../core/store/database.ts';
import type { CertificateRegister } from './certificate-register.ts';
import type { Generation, Issuers } from './issuers.ts';

/** The newest list of one authority. */
export interface StoredList {
  /** Key identifier of the authority, hex. */
  readonly authorityId: string;
  readonly number: number;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly der: Uint8Array;
}

interface Row {
  authority_id: string;
  list_no: number;
  this_update_ms: number;
  next_update_ms: number;
  der: Uint8Array;
}

/** A list lives 7 days; this often a newer one is issued, so that a long week-end off line costs nothing. */
export const reissueMs = 6 * 3_600_000;
/**
 * Certificates that one list names: 35 bytes each, within a registry entry of 65,535 bytes. Every site
 * refuses the others too, by the fingerprints in its registry.
 */
const serialsMax = 900;
/** An ended certificate stays listed for a day: clocks differ. */
const listedAfterEndMs = 86_400_000;

/** Lists of the authorities of this hub. Their numbers are stored and only grow (trap 22). */
export class RevocationLists {
  readonly #database: Database;
  readonly #register: CertificateRegister;
  readonly #issuers: Issuers;
  readonly #clock: Pick<Clock, 'nowMs'>;

  constructor(
    database: Database,
    register: CertificateRegister,
    issuers: Issuers,
    clock: Pick<Clock, 'nowMs'>,
  ) {
    this.#database = database;
    this.#register = register;
    this.#issuers = issuers;
    this.#clock = clock;
  }

  of(authorityId: string): StoredList | undefined {
    const row = this.#database
      .prepare<Row>('SELECT * FROM issued_list WHERE authority_id = ?')
      .get(authorityId);
    return row && listOf(row);
  }

  /** One of each authority of each trusted chain, roots included: without all of them nobody gets in. */
  newest(): StoredList[] {
    const authorities = this.#issuers.trusted().flatMap(({ authorityId, rootId }) => [authorityId, rootId]);
    return authorities.flatMap((id) => this.of(id) ?? []);
  }

  /**
   * Signs the next list of a generation, with certificates that are about to be revoked; nothing is stored.
   * One at a time: two prepared at once would have one number.
   */
  async prepare(
    generation: Pick<Generation, 'authorityId' | 'issuing'>,
    revoking: readonly RevokedSerial[] = [],
  ): Promise<StoredList> {
    const { authorityId } = generation;
    const nowMs = this.#clock.nowMs();
    const before = this.#register.revokedSerials(authorityId, nowMs - listedAfterEndMs, serialsMax);
    const revoked = [...revoking, ...before].slice(0, serialsMax);
    const number = (this.of(authorityId)?.number ?? 0) + 1;
    // Back-dated like certificates: a site whose clock is a little behind would refuse a list of the future.
    const thisUpdateMs = nowMs - backDateMs;
    const lifeMs = issuingListLifeMs + backDateMs;
    const der = await this.#issuers.signing(generation, (authority) =>
      issueRevocationList(authority, { number, revoked, nowMs: thisUpdateMs, lifeMs }),
    );
    return { authorityId, number, thisUpdateMs, nextUpdateMs: thisUpdateMs + lifeMs, der };
  }

  /** Call it in the transaction that stores what the list says. The number ever seen never goes down. */
  store(list: StoredList): void {
    const { authorityId, number, thisUpdateMs, nextUpdateMs, der } = list;
    const { changes } = this.#database
      .prepare(
        `INSERT INTO issued_list (authority_id, list_no, this_update_ms, next_update_ms, der)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (authority_id) DO UPDATE SET list_no = excluded.list_no, der = excluded.der,
           this_update_ms = excluded.this_update_ms, next_update_ms = excluded.next_update_ms
         WHERE excluded.list_no > issued_list.list_no`,
      )
      .run(authorityId, number, thisUpdateMs, nextUpdateMs, der);
    assert(changes === 1, 'a list number only grows');
  }

  /** A list that was signed elsewhere, by one of these authorities (DER). Throws TB1323, TB1324, TB1321. */
  async read(der: Uint8Array, authorities: readonly Uint8Array[]): Promise<StoredList & RevocationList> {
    const list = await readRevocationList(der, authorities);
    const { authority, number, nextUpdateMs, authorityKeyId } = list;
    const known = this.of(authorityKeyId)?.number ?? 0;
    if (number <= known) throw fault('TB1323', { authority, found: number, known });
    if (nextUpdateMs <= this.#clock.nowMs()) {
      throw fault('TB1321', { authority, time: new Date(nextUpdateMs).toISOString() });
    }
    return { ...list, authorityId: authorityKeyId };
  }

  /** Generations whose list is due. */
  due(): Generation[] {
    const nowMs = this.#clock.nowMs();
    return this.#issuers.trusted().filter(({ authorityId }) => {
      const list = this.of(authorityId);
      // A clock that was set back must not stop the lists for as long as it was set back.
      return !list || Math.abs(nowMs - backDateMs - list.thisUpdateMs) >= reissueMs;
    });
  }

  /** Lists past half of their life: an expired one of any authority locks everybody out (trap 3). */
  late(): Fault[] {
    const nowMs = this.#clock.nowMs();
    return this.#issuers.trusted().flatMap(({ authorityId, issuing, rootId, root }) => {
      const both = [
        [authorityId, issuing],
        [rootId, root],
      ] as const;
      return both.flatMap(([id, certificate]) => {
        const list = this.of(id);
        if (list && nowMs < (list.thisUpdateMs + list.nextUpdateMs) / 2) return [];
        const time = list ? new Date(list.nextUpdateMs).toISOString() : '-';
        return fault('TB1358', { authority: authorityName(certificate), time });
      });
    });
  }
}

function listOf(row: Row): StoredList {
  return {
    authorityId: row.authority_id,
    number: row.list_no,
    thisUpdateMs: row.this_update_ms,
    nextUpdateMs: row.next_update_ms,
    der: row.der,
  };
}
