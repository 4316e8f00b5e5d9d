import { hash } from 'node:crypto';
import { assert } from '../base/assert.ts';
import { view } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { countEntries } from './bundle.ts';
import { emptyRoot, hashBytes } from './leaf.ts';

/** Told of every completed subtree of 256, 65,536, … leaves; `hash` is a latin1 string of 32 characters. */
export type NodeVisitor = (level: number, index: number, hash: string) => void;

/**
 * The right edge of an RFC 6962 tree: the roots of its full subtrees, one for each bit set in `size`, the
 * largest first. It is all that is needed to append and to know the root.
 *
 * Hashes are latin1 strings here: V8 makes a short string five times faster than a Buffer, and a province
 * appends millions. Other code sees Buffers.
 */
export class RightEdge {
  #size: number;
  readonly #hashes: string[];

  private constructor(size: number, hashes: string[]) {
    this.#size = size;
    this.#hashes = hashes;
  }

  static empty(): RightEdge {
    return new RightEdge(0, []);
  }

  /** From what `toBytes` gave at that size. */
  static from(size: number, bytes: Uint8Array): RightEdge {
    assert(Number.isSafeInteger(size) && size >= 0, `a log has no size ${size}`);
    assert(bytes.length === hashBytes * bitsSet(size), `${bytes.length} bytes are no right edge of ${size}`);
    const text = view(bytes).toString('latin1');
    const hashes: string[] = [];
    for (let at = 0; at < text.length; at += hashBytes) hashes.push(text.slice(at, at + hashBytes));
    return new RightEdge(size, hashes);
  }

  get size(): number {
    return this.#size;
  }

  /** Appends an entry by its leaf hash, a latin1 string of 32 characters. */
  append(leafHash: string, onNode?: NodeVisitor): void {
    const hashes = this.#hashes;
    let node = leafHash;
    let index = this.#size;
    let level = 0;
    while (index % 2 === 1) {
      node = hashNode(hashes.pop() ?? '', node);
      index = (index - 1) / 2;
      level += 1;
      if (level % 8 === 0) onNode?.(level, index, node);
    }
    hashes.push(node);
    this.#size += 1;
  }

  /**
   * Appends the `count` entries of an uncompressed bundle. All or nothing: a malformed bundle or another
   * count throws TB1403 and changes nothing. The bundle is written to during the call and then as before, so
   * that each entry can be hashed with its prefix without being copied: the 00 takes the place of the low
   * byte of its length.
   */
  appendBundle(bundle: Uint8Array, count: number, onNode?: NodeVisitor): void {
    const found = countEntries(bundle);
    if (found !== count) throw fault('TB1403', { reason: `${found} entries where ${count} were announced` });
    for (let at = 0; at < bundle.length; ) {
      const low = bundle[at + 1] as number;
      const end = at + 2 + (((bundle[at] as number) << 8) | low);
      bundle[at + 1] = 0;
      const leaf = hash('sha256', bundle.subarray(at + 1, end), 'binary');
      bundle[at + 1] = low;
      this.append(leaf, onNode);
      at = end;
    }
  }

  root(): Buffer {
    const root = this.#hashes.reduceRight<string | undefined>(
      (right, left) => (right === undefined ? left : hashNode(left, right)),
      undefined,
    );
    return root === undefined ? Buffer.from(emptyRoot) : Buffer.from(root, 'latin1');
  }

  /** The hashes one after another, the largest subtree first. */
  toBytes(): Buffer {
    return Buffer.from(this.#hashes.join(''), 'latin1');
  }

  clone(): RightEdge {
    return new RightEdge(this.#size, [...this.#hashes]);
  }
}

/** Reused for every node: 01, left, right. Safe because nothing here waits. */
const nodeInput = Buffer.alloc(1 + 2 * hashBytes, 1);

function hashNode(left: string, right: string): string {
  nodeInput.write(left, 1, 'latin1');
  nodeInput.write(right, 1 + hashBytes, 'latin1');
  return hash('sha256', nodeInput, 'binary');
}

function bitsSet(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
