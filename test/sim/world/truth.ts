import { createHash } from 'node:crypto';

/**
 * What was written, and the tree that RFC 6962 section 2.1 defines over it: written anew from the definition,
 * and sharing nothing with the product.
 */
export class Truth {
  readonly entries: Buffer[] = [];
  readonly #leaves: Buffer[] = [];
  readonly #full = new Map<string, Buffer>();
  readonly #roots = new Map<number, Buffer>();

  add(entries: readonly Buffer[]): void {
    for (const entry of entries) {
      this.entries.push(entry);
      this.#leaves.push(sha256(Buffer.of(0), entry));
    }
  }

  get size(): number {
    return this.entries.length;
  }

  root(size: number): Buffer {
    const known = this.#roots.get(size) ?? this.#hash(0, size);
    this.#roots.set(size, known);
    return known;
  }

  #hash(from: number, to: number): Buffer {
    const count = to - from;
    if (count === 0) return sha256();
    if (count === 1) return this.#leaves[from] ?? Buffer.alloc(0);
    let k = 1;
    while (k * 2 < count) k *= 2;
    const id = `${from} ${to}`;
    const full = this.#full.get(id);
    if (full) return full;
    const hash = sha256(Buffer.of(1), this.#hash(from, from + k), this.#hash(from + k, to));
    if (count === 2 * k) this.#full.set(id, hash);
    return hash;
  }
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
