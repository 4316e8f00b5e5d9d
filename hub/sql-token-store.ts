import type { StoredToken, TokenStore, TokenUse } from '../certs/token-store.ts';
import type { Database } from '../core/store/database.ts';

interface TokenRow {
  hash: string;
  site: string;
  grants: string;
  created_by: string;
  created_ms: number;
  expires_ms: number;
  used_ms: number | null;
  used_from: string | null;
}

/** Tokens in the hub's own file. */
export class SqlTokenStore implements TokenStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(token: StoredToken): Promise<void> {
    const { hash, site, grants, createdBy, createdMs, expiresMs } = token;
    this.#database.transaction(() => {
      this.#database
        .prepare(
          `INSERT INTO token (hash, site, name, trust_domain, grants, created_by, created_ms, expires_ms)
           VALUES (?, ?, '', '', ?, ?, ?, ?)`,
        )
        .run(hash, site, JSON.stringify(grants), createdBy, createdMs, expiresMs);
    });
  }

  async find(hash: string): Promise<StoredToken | undefined> {
    const row = this.#database.prepare<TokenRow>('SELECT * FROM token WHERE hash = ?').get(hash);
    if (!row) return undefined;
    const token: StoredToken = {
      hash: row.hash,
      site: row.site,
      grants: JSON.parse(row.grants) as string[],
      createdBy: row.created_by,
      createdMs: row.created_ms,
      expiresMs: row.expires_ms,
    };
    return row.used_ms === null ? token : { ...token, use: { atMs: row.used_ms, from: row.used_from ?? '' } };
  }

  /**
   * Uses a token up in one statement, inside the transaction that writes what it was used for: true for the
   * one caller who changed the row.
   */
  consume(hash: string, use: TokenUse): boolean {
    const used = this.#database
      .prepare(
        'UPDATE token SET used_ms = ?, used_from = ? WHERE hash = ? AND used_ms IS NULL AND expires_ms > ?',
      )
      .run(use.atMs, use.from, hash, use.atMs);
    return used.changes === 1;
  }

  isUsed(hash: string): boolean {
    return (
      this.#database.prepare('SELECT 1 FROM token WHERE hash = ? AND used_ms IS NOT NULL').get(hash) !==
      undefined
    );
  }

  /** Which approval a token waits for. */
  requested(hash: string, request: string): void {
    this.#database.prepare('UPDATE token SET request = ? WHERE hash = ?').run(request, hash);
  }

  requestOf(hash: string): string | undefined {
    const row = this.#database
      .prepare<{ request: string | null }>('SELECT request FROM token WHERE hash = ?')
      .get(hash);
    return row?.request ?? undefined;
  }

  /** What goes into the registry about the site that a token is for. */
  describe(hash: string, name: string, trustDomain: string): void {
    this.#database.transaction(() => {
      this.#database
        .prepare('UPDATE token SET name = ?, trust_domain = ? WHERE hash = ?')
        .run(name, trustDomain, hash);
    });
  }

  descriptionOf(hash: string): { readonly name: string; readonly trustDomain: string } | undefined {
    return this.#database
      .prepare<{ name: string; trustDomain: string }>(
        'SELECT name, trust_domain AS trustDomain FROM token WHERE hash = ?',
      )
      .get(hash);
  }
}
