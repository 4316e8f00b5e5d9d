import type { Authority } from '../../certs/authority.ts';
import { authorityName } from '../../certs/authority.ts';
import { keyIdOf } from '../../certs/certificate-record.ts';
import { fingerprintOf } from '../../certs/fingerprint.ts';
import { keyIdentifier, publicKeyOf } from '../../certs/key-pair.ts';
import { wipe } from '../../core/base/bytes.ts';
import { fault } from '../../core/base/errors.ts';
import type { RingAccess } from '../../core/site/seal/ring-access.ts';
import type { Database } from '../../core/store/database.ts';

export type GenerationState = '1' | '2' | '3';

/** A root and the authority below it that issues. */
export interface Generation {
  /** Key identifiers, hex. */
  readonly authorityId: string;
  readonly rootId: string;
  readonly rootFingerprint: string;
  /** DER. */
  readonly root: Uint8Array;
  readonly issuing: Uint8Array;
  /** 1 trusted, 2 issues, 3 retired. */
  readonly state: GenerationState;
  readonly trustedMs: number;
}

interface Row {
  authority_id: string;
  root_id: string;
  root_fpr: string;
  root_der: Uint8Array;
  issuing_der: Uint8Array;
  stas: GenerationState;
  trusted_ms: number;
}

/** Generations of the authority, and the keys of those that sign; the keys stay in the ring. */
export class Issuers {
  readonly #database: Database;
  readonly #keys: RingAccess;
  readonly #site: string;

  constructor(database: Database, keys: RingAccess, site: string) {
    this.#database = database;
    this.#keys = keys;
    this.#site = site;
  }

  /** The oldest first, retired ones too. */
  all(): Generation[] {
    return this.#database.prepare<Row>('SELECT * FROM issuer ORDER BY rowid').all().map(generationOf);
  }

  trusted(): Generation[] {
    return this.all().filter(({ state }) => state !== '3');
  }

  /** The one that issues. Throws TB1702 where there is none. */
  current(): Generation {
    const found = this.all().find(({ state }) => state === '2');
    if (!found) throw fault('TB1702', { site: this.#site });
    return found;
  }

  of(authorityId: string): Generation | undefined {
    return this.all().find((generation) => generation.authorityId === authorityId);
  }

  nameOf(authorityId: string): string {
    const found = this.of(authorityId);
    return found ? authorityName(found.issuing) : '?';
  }

  /** Call it in a transaction. */
  add(root: Uint8Array, issuing: Uint8Array, state: GenerationState, trustedMs: number): void {
    this.#database
      .prepare(
        `INSERT INTO issuer (authority_id, root_id, root_fpr, root_der, issuing_der, stas, trusted_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(keyIdOf(issuing), keyIdOf(root), fingerprintOf(root), root, issuing, state, trustedMs);
  }

  /** Call it in a transaction. */
  move(authorityId: string, state: GenerationState): void {
    this.#database.prepare('UPDATE issuer SET stas = ? WHERE authority_id = ?').run(state, authorityId);
  }

  /** Signs with the generation's key, of which a copy lives for as long as `work` takes. Throws TB1702. */
  async signing<T>(
    { authorityId, issuing }: Pick<Generation, 'authorityId' | 'issuing'>,
    work: (authority: Authority) => Promise<T>,
  ): Promise<T> {
    const epoch = this.epochOf(authorityId);
    if (epoch === undefined) throw fault('TB1702', { site: this.#site });
    const privateKey = Uint8Array.from(this.#keys.ring().key('issuing-authority', epoch));
    try {
      return await work({ certificate: issuing, privateKey });
    } finally {
      wipe(privateKey);
    }
  }

  /** Which of the ring's keys belongs to an authority; the ring's own states say nothing about that. */
  epochOf(authorityId: string): number | undefined {
    const ring = this.#keys.ring();
    return ring
      .list()
      .filter(({ purpose }) => purpose === 'issuing-authority')
      .find(({ epoch }) => {
        return keyIdentifier(publicKeyOf(ring.key('issuing-authority', epoch))) === authorityId;
      })?.epoch;
  }
}

function generationOf(row: Row): Generation {
  return {
    authorityId: row.authority_id,
    rootId: row.root_id,
    rootFingerprint: row.root_fpr,
    root: row.root_der,
    issuing: row.issuing_der,
    state: row.stas,
    trustedMs: row.trusted_ms,
  };
}
