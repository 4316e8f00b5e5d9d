import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leafHash, nodeHash } from '../../../core/log/leaf.ts';
import {
  consistencyPath,
  inclusionPath,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from '../../../core/log/proof.ts';
import { codeOf, nodesOf, sharedVectors, signedLogVectors, someEntries } from './support.ts';

const entries = someEntries(300);
const leaves = entries.map(leafHash);
const nodes = nodesOf(entries);
const roots = Array.from({ length: 301 }, (_, size) => rootAt(size, nodes));
const rootOf = (size: number) => roots[size] as Buffer;
const leafOf = (index: number) => leaves[index] as Buffer;

interface PublicProof {
  readonly file: string;
  readonly wantErr: boolean;
  readonly proof: readonly string[] | null;
  readonly [field: string]: unknown;
}

function accepts(vector: PublicProof): boolean {
  const bytes = (field: string) => Buffer.from(String(vector[field] ?? ''), 'base64');
  const path = (vector.proof ?? []).map((hash) => Buffer.from(hash, 'base64'));
  const number = (field: string) => Number(vector[field]);
  try {
    if (vector.file.startsWith('inclusion/')) {
      verifyInclusion(number('leafIdx'), number('treeSize'), bytes('leafHash'), path, bytes('root'));
    } else {
      verifyConsistency(number('size1'), number('size2'), bytes('root1'), bytes('root2'), path);
    }
    return true;
  } catch {
    return false;
  }
}

test('all 196 public proofs are judged as published', (context) => {
  const proofs = sharedVectors<readonly PublicProof[]>('rfc9162-proofs.json', context.skip);
  const wrong = proofs.filter((vector) => accepts(vector) === vector.wantErr).map(({ file }) => file);
  expect(wrong).toEqual([]);
  expect(proofs).toHaveLength(196);
});

test('the fixed log has the published inclusion proof', () => {
  const vectors = signedLogVectors();
  const fixed = vectors.entries.map((entry) => Buffer.from(entry));
  const path = inclusionPath(1, 3, nodesOf(fixed));
  expect(path.map((hash) => hash.toString('base64'))).toEqual(vectors.inclusionOf1);
  expect(rootAt(2, nodesOf(fixed)).toString('base64')).toBe(vectors.root2);
});

test('every entry of every size up to 300 is proven at its place', () => {
  for (let size = 1; size <= 300; size++) {
    for (let index = 0; index < size; index++) {
      verifyInclusion(index, size, leafOf(index), inclusionPath(index, size, nodes), rootOf(size));
    }
  }
});

test('every size up to 300 is proven to append to every smaller one', () => {
  for (let size2 = 1; size2 <= 300; size2++) {
    for (let size1 = 1; size1 <= size2; size1++) {
      verifyConsistency(size1, size2, rootOf(size1), rootOf(size2), consistencyPath(size1, size2, nodes));
    }
  }
});

const twoSizes = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }));

test('an inclusion proof holds for no other entry, place, size or root, and for no other path', () => {
  fc.assert(
    fc.property(twoSizes, fc.nat(299), fc.nat(), fc.nat(255), ([size, other], at, which, bit) => {
      const index = at % size;
      const path = inclusionPath(index, size, nodes);
      const refused = (...[i, n, leaf, hashes, root]: Parameters<typeof verifyInclusion>) =>
        expect(codeOf(() => verifyInclusion(i, n, leaf, hashes, root))).toBe('TB1412');
      refused(index, size, leafHash(Buffer.from('another')), path, rootOf(size));
      refused(index, size, leafOf(index), path, Buffer.alloc(32));
      refused(index, size, leafOf(index), [...path, Buffer.alloc(32)], rootOf(size));
      if (other !== size) refused(index, size, leafOf(index), path, rootOf(other));
      if (size > 1) {
        refused((index + 1) % size, size, leafOf(index), path, rootOf(size));
        refused(index, size, leafOf(index), path.slice(1), rootOf(size));
        refused(index, size, leafOf(index), path.slice(0, -1), rootOf(size));
        refused(index, size, leafOf(index), flipped(path, which, bit), rootOf(size));
      }
    }),
  );
});

test('a consistency proof holds for no other sizes or roots, and for no other path', () => {
  fc.assert(
    fc.property(twoSizes, fc.nat(), fc.nat(255), ([a, b], which, bit) => {
      const [size1, size2] = [Math.min(a, b), Math.max(a, b)];
      const path = consistencyPath(size1, size2, nodes);
      const refused = (...[m, n, root1, root2, hashes]: Parameters<typeof verifyConsistency>) =>
        expect(codeOf(() => verifyConsistency(m, n, root1, root2, hashes))).toBe('TB1413');
      refused(size1, size2, Buffer.alloc(32), rootOf(size2), path);
      refused(size1, size2, rootOf(size1), Buffer.alloc(32), path);
      refused(size1, size2, rootOf(size1), rootOf(size2), [...path, Buffer.alloc(32)]);
      if (size1 < size2) {
        refused(size2, size1, rootOf(size2), rootOf(size1), path);
        refused(size1, size2, rootOf(size1), rootOf(size2), path.slice(0, -1));
        refused(size1, size2, rootOf(size1), rootOf(size2), flipped(path, which, bit));
        refused(size1, size1, rootOf(size1), rootOf(size2), []);
      }
    }),
  );
});

test('consistency from 0, an index not below the size and wrong-sized hashes are refused', () => {
  expect(codeOf(() => verifyConsistency(0, 0, rootOf(0), rootOf(0), []))).toBe('TB1413');
  expect(codeOf(() => verifyConsistency(0, 5, rootOf(0), rootOf(5), []))).toBe('TB1413');
  expect(codeOf(() => verifyInclusion(0, 0, leafOf(0), [], rootOf(0)))).toBe('TB1412');
  expect(codeOf(() => verifyInclusion(5, 5, leafOf(4), inclusionPath(4, 5, nodes), rootOf(5)))).toBe(
    'TB1412',
  );
  for (const odd of [-1, 0.5, Number.NaN, 2 ** 53]) {
    expect(codeOf(() => verifyInclusion(odd, 5, leafOf(0), [], rootOf(5)))).toBe('TB1412');
    expect(codeOf(() => verifyConsistency(odd, 5, rootOf(1), rootOf(5), []))).toBe('TB1413');
  }
  const path = inclusionPath(1, 5, nodes);
  for (const length of [31, 33]) {
    const wrong = path.map((hash) => Buffer.concat([hash, Buffer.alloc(1)]).subarray(0, length));
    expect(codeOf(() => verifyInclusion(1, 5, leafOf(1), wrong, rootOf(5)))).toBe('TB1412');
    const grown = consistencyPath(3, 5, nodes);
    const odd = Buffer.alloc(length);
    expect(codeOf(() => verifyConsistency(3, 5, odd, rootOf(5), grown))).toBe('TB1413');
    expect(codeOf(() => verifyConsistency(3, 5, rootOf(3), odd, grown))).toBe('TB1413');
    expect(codeOf(() => verifyConsistency(3, 5, rootOf(3), rootOf(5), [odd, ...grown.slice(1)]))).toBe(
      'TB1413',
    );
  }
});

test('a proof of one tree is refused for a smaller or larger one that would need the same hashes', () => {
  const inclusion = inclusionPath(3, 4, nodes);
  expect(codeOf(() => verifyInclusion(1, 2, leafOf(3), inclusion, rootOf(4)))).toBe('TB1412');
  expect(codeOf(() => verifyInclusion(0, 8, leafOf(0), inclusionPath(0, 4, nodes), rootOf(4)))).toBe(
    'TB1412',
  );
  const consistency = consistencyPath(7, 8, nodes);
  expect(codeOf(() => verifyConsistency(3, 4, rootOf(7), rootOf(8), consistency))).toBe('TB1413');
  const small = consistencyPath(2, 4, nodes);
  expect(codeOf(() => verifyConsistency(2, 8, rootOf(2), rootOf(4), small))).toBe('TB1413');
});

test('bytes moved from one hash to its neighbour are refused, although the same bytes are hashed', () => {
  const left = leafOf(0).subarray(0, 31);
  const right = Buffer.concat([leafOf(0).subarray(31), leafOf(1)]);
  expect(nodeHash(left, right)).toEqual(rootOf(2));
  expect(codeOf(() => verifyInclusion(0, 2, left, [right], rootOf(2)))).toBe('TB1412');
  expect(codeOf(() => verifyConsistency(1, 2, left, rootOf(2), [right]))).toBe('TB1413');
});

test('proofs of a log far above 2^32 entries need no more hashes than its height', () => {
  // All entries are the same, so a level has one hash.
  const rows = [leafHash(Buffer.from('same'))];
  for (let level = 1; level < 53; level++)
    rows.push(nodeHash(rows[level - 1] as Buffer, rows[level - 1] as Buffer));
  const asked: string[] = [];
  const huge = {
    node: (level: number, index: number) => {
      asked.push(`${level}/${index}`);
      return rows[level] as Buffer;
    },
  };
  const size = 2 ** 40 + 2 ** 33 + 5;
  const index = 2 ** 40 + 2 ** 32;
  verifyInclusion(index, size, huge.node(0, index), inclusionPath(index, size, huge), rootAt(size, huge));
  const path = consistencyPath(index, size, huge);
  verifyConsistency(index, size, rootAt(index, huge), rootAt(size, huge), path);
  expect(Math.max(...[index, size].map((n) => inclusionPath(n - 1, size, huge).length))).toBeLessThanOrEqual(
    53,
  );
  expect(asked).toContain('40/0');
});

function flipped(path: readonly Buffer[], which: number, bit: number): Buffer[] {
  const copy = path.map((hash) => Buffer.from(hash));
  const hash = copy[which % copy.length] as Buffer;
  hash[bit >> 3] = (hash[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}
