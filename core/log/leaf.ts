import { hash } from 'node:crypto';

/*
 * RFC 6962 section 2.1: a leaf is H(00 ‖ entry), a node H(01 ‖ left ‖ right). The prefixes keep a node from
 * being passed off as an entry. The right edge has its own copy of this on strings, for speed.
 */

/** Bytes of a hash. */
export const hashBytes = 32;

/** The root of the empty tree: SHA-256 of nothing. */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer');

/** Hash of an entry as transmitted; never of a re-encoded one. */
export function leafHash(entry: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([Buffer.of(0), entry]), 'buffer');
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([Buffer.of(1), left, right]), 'buffer');
}
