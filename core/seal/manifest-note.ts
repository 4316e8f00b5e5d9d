import { assert } from '../base/assert.ts';
import { equal, fromBase64, toBase64 } from '../base/bytes.ts';
import type { JournalKey } from './journal-key.ts';
import type { JournalVerifier } from './journal-verifier.ts';

/**
 * A C2SP signed note with exactly one Ed25519 line, made and read without core/log. One line only, because
 * the SHA-256 of the whole note is what binds a share set: a second line would change it.
 */
export function signManifestNote(text: string, key: JournalKey): Buffer {
  assert(/^[\n\x20-\x7e]+\n$/.test(text), 'a manifest is lines of ASCII text');
  const signature = toBase64(Buffer.concat([key.verifier.keyId, key.sign(Buffer.from(text))]));
  return Buffer.from(`${text}\n\u2014 ${key.verifier.name} ${signature}\n`);
}

/** The text before the signature, not yet verified; undefined when this is not a note of one line. */
export function manifestText(note: Uint8Array): string | undefined {
  return split(note)?.text;
}

export function manifestSignedBy(note: Uint8Array, verifier: JournalVerifier): boolean {
  const parts = split(note);
  if (parts === undefined || parts.name !== verifier.name) return false;
  const known = equal(parts.signature.subarray(0, 4), verifier.keyId);
  return known && verifier.verify(Buffer.from(parts.text), parts.signature.subarray(4));
}

function split(note: Uint8Array): { text: string; name: string; signature: Buffer } | undefined {
  const decoded = Buffer.from(note).toString('utf8');
  const parts = /^([\n\x20-\x7e]+\n)\n\u2014 ([\x21-\x2a\x2c-\x7e]+) ([A-Za-z0-9+/]{91}=)\n$/.exec(decoded);
  const [, text, name, encoded] = parts ?? [];
  if (text === undefined || name === undefined || encoded === undefined) return undefined;
  try {
    return { text, name, signature: fromBase64(encoded) };
  } catch {
    return undefined; // base64 with stray bits
  }
}
