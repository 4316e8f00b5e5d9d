/** A token as the hub stores it: never the token, only its hash. */
export interface StoredToken {
  /** SHA-256 of the token, lower-case hex. */
  readonly hash: string;
  readonly site: string;
  /** What may be asked for, each at most once: a role, or role/name for a person or system. */
  readonly grants: readonly string[];
  /** Officer or operator who made it. */
  readonly createdBy: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  /** The one use. */
  readonly use?: TokenUse;
}

export interface TokenUse {
  readonly atMs: number;
  /** Source address, as the listener saw it. */
  readonly from: string;
}

/** Where tokens are kept; durable at the hub. */
export interface TokenStore {
  add(token: StoredToken): Promise<void>;
  find(hash: string): Promise<StoredToken | undefined>;
}
