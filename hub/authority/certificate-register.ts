import type { CertificateRecord } from '../../certs/certificate-record.ts';
import { isRole, type Role } from '../../certs/identity.ts';
import type { RevokedSerial } from '../../certs/revocation-list.ts';
import { assert } from '../../core/base/assert.ts';
import type {
  CertificateQuery,
  CertificateState,
  CertificateView,
} from '../../core/site/trust/certificate-desk.ts';
import type { Database } from '../../core/store/database.ts';

/** A row of the table of issued certificates. */
export interface RegisteredCertificate {
  readonly fingerprint: string;
  readonly serial: string;
  readonly site: string;
  readonly role: Role;
  /** '' for a site. */
  readonly name: string;
  readonly hosts: readonly string[];
  readonly authorityId: string;
  readonly issuedMs: number;
  readonly notAfterMs: number;
  readonly supersededMs: number | undefined;
  readonly revokedMs: number | undefined;
  readonly reason: string | undefined;
}

/** Whose certificate it is. */
export type Holder = Pick<RegisteredCertificate, 'site' | 'role' | 'name'>;

interface Row {
  fingerprint: string;
  serial: string;
  site: string;
  role: string;
  name: string;
  hosts: string;
  authority_id: string;
  issued_ms: number;
  not_after_ms: number;
  superseded_ms: number | null;
  revoked_ms: number | null;
  revoke_reason: string | null;
}

const shownMax = 1_000;

/** Every certificate that this hub issued; what is not here was not issued. Rows are never deleted. */
export class CertificateRegister {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Call it in a transaction. The certificates that the identity had before count as superseded. */
  record(issued: CertificateRecord, issuedMs: number): void {
    const { fingerprint, serial, site, role, name, hosts, keyId, authorityId, notAfterMs } = issued;
    this.#database
      .prepare(
        `UPDATE certificate SET superseded_ms = ?
         WHERE site = ? AND role = ? AND name = ? AND superseded_ms IS NULL`,
      )
      .run(issuedMs, site, role, name);
    this.#database
      .prepare(
        `INSERT INTO certificate (fingerprint, serial, site, role, name, hosts, key_id, authority_id,
           not_after_ms, issued_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        fingerprint,
        serial,
        site,
        role,
        name,
        JSON.stringify(hosts),
        keyId,
        authorityId,
        notAfterMs,
        issuedMs,
      );
  }

  find(fingerprint: string): RegisteredCertificate | undefined {
    const row = this.#database
      .prepare<Row>('SELECT * FROM certificate WHERE fingerprint = ?')
      .get(fingerprint);
    return row && certificateOf(row);
  }

  /** Whether any certificate ever had this key. */
  knowsKey(keyId: string): boolean {
    return (
      this.#database.prepare('SELECT 1 FROM certificate WHERE key_id = ? LIMIT 1').get(keyId) !== undefined
    );
  }

  /** Certificates of a site, or of one holder, that have not expired; revoked ones too. */
  unexpired(of: Pick<Holder, 'site'> & Partial<Holder>, nowMs: number): RegisteredCertificate[] {
    return this.#database
      .prepare<Row>(
        `SELECT * FROM certificate WHERE site = ? AND (? = '' OR (role = ? AND name = ?))
         AND not_after_ms > ? ORDER BY rowid`,
      )
      .all(of.site, of.role ?? '', of.role ?? '', of.name ?? '', nowMs)
      .map(certificateOf);
  }

  /** What this holder was issued last, revoked and expired ones too. */
  newest({ site, role, name }: Holder): RegisteredCertificate | undefined {
    const row = this.#database
      .prepare<Row>(
        `SELECT * FROM certificate WHERE site = ? AND role = ? AND name = ? ORDER BY rowid DESC LIMIT 1`,
      )
      .get(site, role, name);
    return row && certificateOf(row);
  }

  /** Certificates of one authority that are accepted now: neither expired nor revoked. */
  accepted(authorityId: string, nowMs: number): RegisteredCertificate[] {
    return this.#database
      .prepare<Row>(
        `SELECT * FROM certificate WHERE authority_id = ? AND not_after_ms > ? AND revoked_ms IS NULL
         ORDER BY not_after_ms DESC, fingerprint`,
      )
      .all(authorityId, nowMs)
      .map(certificateOf);
  }

  /** Call it in a transaction. False when it was revoked before, which changes nothing. */
  revoke(fingerprint: string, revokedMs: number, reason: string): boolean {
    const { changes } = this.#database
      .prepare(
        `UPDATE certificate SET revoked_ms = ?, revoke_reason = ?
         WHERE fingerprint = ? AND revoked_ms IS NULL`,
      )
      .run(revokedMs, reason, fingerprint);
    return changes === 1;
  }

  /** What the list of an authority has to name: revoked ones that could still be shown, latest end first. */
  revokedSerials(authorityId: string, sinceMs: number, limit: number): RevokedSerial[] {
    return this.#database
      .prepare<{ serial: string; revokedMs: number }>(
        `SELECT serial, revoked_ms AS revokedMs FROM certificate
         WHERE authority_id = ? AND revoked_ms IS NOT NULL AND not_after_ms > ?
         ORDER BY not_after_ms DESC, fingerprint LIMIT ?`,
      )
      .all(authorityId, sinceMs, limit);
  }

  /** Fingerprints that nobody may be let in with, although their time has not run out. */
  revoked(sinceMs: number): string[] {
    return this.#database
      .prepare<{ fingerprint: string }>(
        `SELECT fingerprint FROM certificate WHERE revoked_ms IS NOT NULL AND not_after_ms > ?
         ORDER BY revoked_ms, fingerprint`,
      )
      .all(sinceMs)
      .map(({ fingerprint }) => fingerprint);
  }

  /** The newest first. */
  list(query: CertificateQuery, nowMs: number): { rows: RegisteredCertificate[]; more: number } {
    const { site = '', role = '', state = '' } = query;
    const rows = this.#database
      .prepare<Row>(
        `SELECT * FROM certificate WHERE (? = '' OR site = ?) AND (? = '' OR role = ?)
         ORDER BY issued_ms DESC, site, role, name, rowid DESC`,
      )
      .all(site, site, role, role)
      .map(certificateOf)
      .filter((found) => state === '' || stateOf(found, nowMs) === state);
    return { rows: rows.slice(0, shownMax), more: Math.max(0, rows.length - shownMax) };
  }
}

export function stateOf(certificate: RegisteredCertificate, nowMs: number): CertificateState {
  const { revokedMs, notAfterMs, supersededMs } = certificate;
  if (revokedMs !== undefined) return 'revoked';
  if (notAfterMs <= nowMs) return 'expired';
  return supersededMs === undefined ? 'valid' : 'superseded';
}

export function viewOf(
  certificate: RegisteredCertificate,
  nowMs: number,
  authorityName: (authorityId: string) => string,
): CertificateView {
  const { fingerprint, serial, site, role, name, issuedMs, notAfterMs } = certificate;
  return {
    fingerprint,
    serial,
    site,
    role,
    name,
    state: stateOf(certificate, nowMs),
    issuedMs,
    notAfterMs,
    revokedMs: certificate.revokedMs ?? 0,
    reason: certificate.reason ?? '',
    authority: authorityName(certificate.authorityId),
  };
}

function certificateOf(row: Row): RegisteredCertificate {
  assert(isRole(row.role), 'only roles of ours are recorded');
  return {
    fingerprint: row.fingerprint,
    serial: row.serial,
    site: row.site,
    role: row.role,
    name: row.name,
    hosts: JSON.parse(row.hosts) as string[],
    authorityId: row.authority_id,
    issuedMs: row.issued_ms,
    notAfterMs: row.not_after_ms,
    supersededMs: row.superseded_ms ?? undefined,
    revokedMs: row.revoked_ms ?? undefined,
    reason: row.revoke_reason ?? undefined,
  };
}
