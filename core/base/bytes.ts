import { fault } from './errors.ts';

/** A Buffer over the same memory; no copy. */
export function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

export function toHex(bytes: Uint8Array): string {
  return view(bytes).toString('hex');
}

/** Lower-case hex digits in a Buffer and not in a string, for keys: the caller wipes it. */
export function hexDigits(bytes: Uint8Array): Buffer {
  const digits = secretBytes(2 * bytes.length);
  const digit = (nibble: number) => (nibble < 10 ? 0x30 : 0x57) + nibble;
  for (const [i, byte] of bytes.entries()) {
    digits[2 * i] = digit(byte >> 4);
    digits[2 * i + 1] = digit(byte & 15);
  }
  return digits;
}

/** Strict: an even number of lower-case hex digits. Throws TB1002. */
export function fromHex(text: string): Buffer {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw fault('TB1002', { what: 'hex' });
  return Buffer.from(text, 'hex');
}

export function toBase64(bytes: Uint8Array): string {
  return view(bytes).toString('base64');
}

/** Strict: Node's own decoder takes missing padding, blanks and stray bits, so compare. Throws TB1002. */
export function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw fault('TB1002', { what: 'base64' });
  return bytes;
}

/**
 * Room for key material outside of V8's heap. An array of up to 64 bytes made in any other way lies on the
 * heap, where the collector moves it about and leaves copies that nobody can wipe.
 */
export function secretBytes(length: number): Buffer {
  return Buffer.from(new ArrayBuffer(length));
}

/** The caller wipes it. */
export function secretCopy(secret: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new ArrayBuffer(secret.length));
  copy.set(secret);
  return copy;
}

/** Overwrites key material in place; of strings and of what the heap has moved copies may remain. */
export function wipe(...secrets: Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
