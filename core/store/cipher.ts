import type Sqlite from 'better-sqlite3-multiple-ciphers';
import { assert } from '../base/assert.ts';
import { hexDigits, wipe } from '../base/bytes.ts';

const keyBytes = 32;

/**
 * One or more raw keys of 32 bytes, the newest first, as they lie one after another. Anything else would be
 * taken for a passphrase.
 */
export function rawKeys(key: Uint8Array): readonly Uint8Array[] {
  const whole = key.length > 0 && key.length % keyBytes === 0;
  assert(whole, 'a raw database key has 32 bytes; any other becomes a passphrase');
  return Array.from({ length: key.length / keyBytes }, (_none, i) =>
    key.subarray(i * keyBytes, (i + 1) * keyBytes),
  );
}

/** Throws the driver's NOTADB for a wrong key, before anything is written. */
export function unlock(sqlite: Sqlite.Database, key: Uint8Array): void {
  sqlite.pragma(`cipher = 'aegis'`);
  withRawKey(key, (raw) => sqlite.key(raw));
  // The first read tells a wrong key; without it a new file would be written before the cipher is known.
  sqlite.prepare('SELECT count(*) FROM sqlite_schema').get();
}

/** The form in which the driver takes a raw key; wiped afterwards. */
export function withRawKey(key: Uint8Array, use: (raw: Buffer) => unknown): void {
  assert(key.length === keyBytes, 'one raw key of 32 bytes');
  const digits = hexDigits(key);
  const raw = Buffer.concat([Buffer.from('raw:'), digits]);
  try {
    use(raw);
  } finally {
    wipe(raw, digits);
  }
}
