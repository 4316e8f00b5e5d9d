import { assert } from './assert.ts';
import { view } from './bytes.ts';

export type PemLabel = 'CERTIFICATE' | 'CERTIFICATE REQUEST' | 'PRIVATE KEY' | 'X509 CRL';

const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');
const values = new Int8Array(256).fill(-1);
for (const [value, character] of alphabet.entries()) values[character] = value;
const pad = 0x3d;
const lineBytes = 48; // 64 characters, the only length that every reader takes

/**
 * DER as PEM, in a Buffer and never in a string, because private keys go through here and the TLS library
 * takes nothing else. The caller wipes what it asked for with 'PRIVATE KEY'.
 */
export function pem(label: PemLabel, der: Uint8Array): Buffer {
  assert(der.length > 0, 'an empty DER');
  const begin = Buffer.from(`-----BEGIN ${label}-----\n`, 'latin1');
  const end = Buffer.from(`-----END ${label}-----\n`, 'latin1');
  const lines = Math.ceil(der.length / lineBytes);
  const out = Buffer.alloc(begin.length + Math.ceil(der.length / 3) * 4 + lines + end.length);
  let at = begin.copy(out);
  for (let i = 0; i < der.length; i += 3) {
    const [a, b, c] = [der[i] ?? 0, der[i + 1], der[i + 2]];
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    out[at++] = alphabet[group >> 18] ?? pad;
    out[at++] = alphabet[(group >> 12) & 63] ?? pad;
    out[at++] = b === undefined ? pad : (alphabet[(group >> 6) & 63] ?? pad);
    out[at++] = c === undefined ? pad : (alphabet[group & 63] ?? pad);
    if ((i + 3) % lineBytes === 0 && i + 3 < der.length) out[at++] = 0x0a;
  }
  out[at++] = 0x0a;
  at += end.copy(out, at);
  return out.subarray(0, at);
}

/**
 * The DER of every block of a label, from bytes and again without a string. What is no base64 within a block
 * is passed over; a DER that is damaged by that fails where it is used. The caller wipes private keys, and
 * the bytes that it read.
 */
export function pemBlocks(label: PemLabel, text: Uint8Array): Buffer[] {
  const bytes = view(text);
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  const found: Buffer[] = [];
  for (let at = bytes.indexOf(begin); at >= 0; at = bytes.indexOf(begin, at)) {
    const from = at + begin.length;
    const to = bytes.indexOf(end, from);
    if (to < 0) break;
    found.push(fromBase64Bytes(bytes.subarray(from, to)));
    at = to + end.length;
  }
  return found;
}

function fromBase64Bytes(text: Buffer): Buffer {
  const out = Buffer.alloc(Math.ceil((text.length * 3) / 4));
  let [at, bits, group] = [0, 0, 0];
  for (const character of text) {
    const value = values[character] ?? -1;
    if (value < 0) continue;
    group = ((group << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = (group >> bits) & 0xff;
  }
  return out.subarray(0, at);
}
