import type { StoredToken, TokenStore, TokenUse } from '../../certs/token-store.ts';

/** Tokens in memory; `consume` is atomic because nothing awaits between its look and its write. */
export class MemoryTokens implements TokenStore {
  readonly rows = new Map<string, StoredToken>();

  async add(token: StoredToken): Promise<void> {
    this.rows.set(token.hash, token);
  }

  async find(hash: string): Promise<StoredToken | undefined> {
    return this.rows.get(hash);
  }

  consume(hash: string, use: TokenUse): boolean {
    const row = this.rows.get(hash);
    if (row === undefined || row.use !== undefined || use.atMs >= row.expiresMs) return false;
    this.rows.set(hash, { ...row, use });
    return true;
  }
}
