import { assert } from '../base/assert.ts';
import { equal } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { emptyRoot, hashBytes, nodeHash } from './leaf.ts';

/*
 * Merkle proofs. Making them follows the definitions of RFC 6962 section 2.1, checking them the iterative
 * algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2. Sizes go up to 2^53, so no bit operations.
 */

/** The hash of the full subtree of 2^level leaves number `index`; level 0 has the leaf hashes. */
export interface NodeReader {
  node(level: number, index: number): Uint8Array;
}

/** Proves that `leaf` (a leaf hash) stands at `index` in the tree of that size and root. Throws TB1412. */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
  root: Uint8Array,
): void {
  if (!isSize(index) || !isSize(size) || index >= size) throw noInclusion('the index is not below the size');
  if (![leaf, root, ...path].every(isHash)) throw noInclusion('a hash has not 32 bytes');
  let fn = index;
  let sn = size - 1;
  let node = leaf;
  for (const sibling of path) {
    if (sn === 0) throw noInclusion('the path is too long');
    if (isOdd(fn) || fn === sn) {
      node = nodeHash(sibling, node);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      node = nodeHash(node, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  if (sn !== 0) throw noInclusion('the path is too short');
  if (!equal(node, root)) throw noInclusion('another root comes out');
}

/**
 * Proves that the tree (size2, root2) only appends to (size1, root1). Throws TB1413. Size 1 must be above 0:
 * whoever has seen nothing needs no proof, and asking for one is a mistake.
 */
export function verifyConsistency(
  size1: number,
  size2: number,
  root1: Uint8Array,
  root2: Uint8Array,
  path: readonly Uint8Array[],
): void {
  if (!isSize(size1) || !isSize(size2) || size1 > size2) throw noConsistency('the sizes do not grow');
  if (size1 === 0) throw noConsistency('everything appends to nothing');
  if (size1 === size2) {
    if (path.length > 0) throw noConsistency('the path is too long');
    if (!equal(root1, root2)) throw noConsistency('two roots of one size');
    return;
  }
  if (![root1, root2, ...path].every(isHash)) throw noConsistency('a hash has not 32 bytes');
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  // When size1 is a power of two, its root is a node of the new tree and the path leaves it out.
  const [first, ...rest] = fn === 0 ? [root1, ...path] : path;
  if (!first || path.length === 0) throw noConsistency('the path is too short');
  let node1 = first;
  let node2 = first;
  for (const sibling of rest) {
    if (sn === 0) throw noConsistency('the path is too long');
    if (isOdd(fn) || fn === sn) {
      node1 = nodeHash(sibling, node1);
      node2 = nodeHash(sibling, node2);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      node2 = nodeHash(node2, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  if (sn !== 0) throw noConsistency('the path is too short');
  if (!equal(node1, root1)) throw noConsistency('another old root comes out');
  if (!equal(node2, root2)) throw noConsistency('another new root comes out');
}

/** PATH of RFC 6962 section 2.1.1: the siblings from the leaf's upwards. */
export function inclusionPath(index: number, size: number, nodes: NodeReader): Buffer[] {
  assert(isSize(index) && isSize(size) && index < size, `no entry ${index} in a log of ${size}`);
  const siblings: Range[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const middle = begin + split(end - begin);
    if (index < middle) {
      siblings.push([middle, end]);
      end = middle;
    } else {
      siblings.push([begin, middle]);
      begin = middle;
    }
  }
  return siblings.reverse().map((range) => hashOf(range, nodes));
}

/** PROOF of RFC 6962 section 2.1.2, from a size above 0. */
export function consistencyPath(size1: number, size2: number, nodes: NodeReader): Buffer[] {
  assert(isSize(size1) && isSize(size2) && 0 < size1 && size1 <= size2, `no proof from ${size1} to ${size2}`);
  const siblings: Range[] = [];
  let [begin, end] = [0, size2];
  while (end !== size1) {
    const middle = begin + split(end - begin);
    if (size1 <= middle) {
      siblings.push([middle, end]);
      end = middle;
    } else {
      siblings.push([begin, middle]);
      begin = middle;
    }
  }
  // Without a step to the right the last range is the whole old tree, whose root the verifier has.
  if (begin > 0) siblings.push([begin, end]);
  return siblings.reverse().map((range) => hashOf(range, nodes));
}

export function rootAt(size: number, nodes: NodeReader): Buffer {
  assert(isSize(size), `a log has no size ${size}`);
  return size === 0 ? Buffer.from(emptyRoot) : hashOf([0, size], nodes);
}

/** Leaves [begin, end) of one subtree; begin is a multiple of the subtree's full size. */
type Range = readonly [begin: number, end: number];

function hashOf([begin, end]: Range, nodes: NodeReader): Buffer {
  const size = end - begin;
  const left = split(size);
  if (size === 1 || size === 2 * left) return Buffer.from(nodes.node(Math.log2(size), begin / size));
  return nodeHash(hashOf([begin, begin + left], nodes), hashOf([begin + left, end], nodes));
}

/** The largest power of two below `size`. */
function split(size: number): number {
  let left = 1;
  while (left * 2 < size) left *= 2;
  return left;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === hashBytes;
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function noInclusion(reason: string): Error {
  return fault('TB1412', { reason });
}

function noConsistency(reason: string): Error {
  return fault('TB1413', { reason });
}
