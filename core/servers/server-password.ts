import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { assert } from '../base/assert.ts';
import { secretBytes, toBase64, view, wipe } from '../base/bytes.ts';
import type { Random } from '../base/random.ts';

const randomLength = 24;
/** PostgreSQL's own default; against 192 random bits no number of rounds matters. */
const rounds = 4096;
const saltLength = 16;
const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 'latin1');

/** 24 random bytes as 32 characters of base64url, in a Buffer and never in a string. The caller wipes it. */
export function newServerPassword(random: Random): Buffer {
  const bytes = random.bytes(randomLength);
  const password = secretBytes((randomLength / 3) * 4);
  let at = 0;
  for (let i = 0; i < randomLength; i += 3) {
    const group = view(bytes).readUIntBE(i, 3);
    for (const shift of [18, 12, 6, 0]) password[at++] = alphabet[(group >> shift) & 63] ?? 0;
  }
  wipe(bytes);
  return password;
}

/**
 * What PostgreSQL stores for a password, made here so that the password itself is in no statement and thus in
 * no log of the server: `SCRAM-SHA-256$<rounds>:<salt>$<stored key>:<server key>` (RFC 5802, RFC 7677).
 * SASLprep changes nothing in base64url.
 */
export function scramVerifier(password: Uint8Array, random: Random): string {
  assert(password.length > 0, 'an empty password');
  const salt = random.bytes(saltLength);
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest();
  const serverKey = createHmac('sha256', salted).update('Server Key').digest();
  const verifier = `SCRAM-SHA-256$${rounds}:${toBase64(salt)}$${toBase64(storedKey)}:${toBase64(serverKey)}`;
  wipe(salted, clientKey, storedKey, serverKey);
  return verifier;
}
