import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { hexDigits } from '../../core/base/bytes.ts';

const mask = randomBytes(64);
const chunkBytes = 1024 * 1024;

/**
 * Where in the memory of this very process a secret is, as bytes and as hex digits. The secret itself is kept
 * masked, so that the probe does not find its own needle. Linux.
 */
export class MemoryProbe {
  readonly #raw: Buffer;
  readonly #digits: Buffer;

  /** Keeps nothing of the secret but the masked copy; at most 32 bytes. */
  constructor(secret: Uint8Array) {
    this.#raw = masked(Buffer.from(secret));
    this.#digits = masked(hexDigits(secret));
  }

  /** How often each form is found in writable memory. */
  count(): { readonly raw: number; readonly digits: number } {
    return { raw: found(this.#raw), digits: found(this.#digits) };
  }
}

function masked(bytes: Buffer): Buffer {
  for (const [i, byte] of bytes.entries()) bytes[i] = byte ^ (mask[i] ?? 0);
  return bytes;
}

function found(needle: Buffer): number {
  const memory = openSync('/proc/self/mem', 'r');
  const chunk = Buffer.alloc(chunkBytes);
  let count = 0;
  for (const line of readFileSync('/proc/self/maps', 'latin1').split('\n')) {
    const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    const end = Number.parseInt(to, 16);
    // Neighbouring chunks overlap, or a secret on the border would be missed.
    for (let at = Number.parseInt(from, 16); at < end; at += chunkBytes - needle.length) {
      const length = read(memory, chunk, at, Math.min(chunkBytes, end - at));
      count += countIn(chunk.subarray(0, length), needle);
    }
  }
  chunk.fill(0);
  closeSync(memory);
  return count;
}

function read(memory: number, chunk: Buffer, at: number, length: number): number {
  try {
    return readSync(memory, chunk, 0, length, at);
  } catch {
    return 0; // unmapped meanwhile, or a page that may not be read
  }
}

function countIn(chunk: Buffer, needle: Buffer): number {
  const first = (needle[0] ?? 0) ^ (mask[0] ?? 0);
  let count = 0;
  for (let at = chunk.indexOf(first); at >= 0; at = chunk.indexOf(first, at + 1)) {
    let same = 1;
    while (same < needle.length && chunk[at + same] === ((needle[same] ?? 0) ^ (mask[same] ?? 0))) same += 1;
    if (same === needle.length) count += 1;
  }
  return count;
}
