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

/** Overwrites key material in place; the JavaScript heap may still hold copies. */
export function wipe(...secrets: Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
