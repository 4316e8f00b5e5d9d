import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { assert } from '../base/assert.ts';
import { fromHex } from '../base/bytes.ts';
import type { Random } from '../base/random.ts';

const suiteIntlV1 = 1; // AES-256-GCM; another suite is another number, never negotiated
const nonceBytes = 12;
const tagBytes = 16;

/** The key that the shares of a set give: HKDF-SHA256 of the secret scalar, salted with the set id. */
export function unsealKey(secret: Uint8Array, setId: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, fromHex(setId), 'tongbu/unseal/v1', 32));
}

/** Binds a wrapped root key to its place, so that it can't be moved to another site, set or epoch. */
export function rootPlace(site: string, setId: string, epoch: number): Buffer {
  return place('tongbu/root/v1', site, fromHex(setId), u64(epoch));
}

export function ringPlace(site: string, epoch: number): Buffer {
  return place('tongbu/ring/v1', site, u64(epoch));
}

/** suite (1) ‖ nonce (12) ‖ ciphertext ‖ tag (16). */
export function wrap(key: Uint8Array, secret: Uint8Array, bound: Uint8Array, random: Random): Buffer {
  assert(key.length === 32, 'a wrapping key is 32 bytes');
  const nonce = random.bytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(bound);
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([Buffer.from([suiteIntlV1]), nonce, sealed, cipher.getAuthTag()]);
}

/** Undefined when key, place or bytes are not those of `wrap`. The caller wipes what it gets. */
export function unwrap(key: Uint8Array, wrapped: Uint8Array, bound: Uint8Array): Buffer | undefined {
  if (wrapped.length < 1 + nonceBytes + tagBytes || wrapped[0] !== suiteIntlV1) return undefined;
  const body = wrapped.subarray(1 + nonceBytes, -tagBytes);
  const nonce = wrapped.subarray(1, 1 + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(bound);
  decipher.setAuthTag(wrapped.subarray(-tagBytes));
  const opened = decipher.update(body);
  try {
    decipher.final();
    return opened;
  } catch {
    opened.fill(0);
    return undefined;
  }
}

/** Each part after its length in two bytes, big-endian. */
function place(...parts: readonly (string | Uint8Array)[]): Buffer {
  const prefixed = parts.flatMap((part) => {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(prefixed);
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
