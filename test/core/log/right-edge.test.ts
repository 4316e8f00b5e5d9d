import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBundle } from '../../../core/log/bundle.ts';
import { emptyRoot, leafHash } from '../../../core/log/leaf.ts';
import { rootAt } from '../../../core/log/proof.ts';
import { RightEdge } from '../../../core/log/right-edge.ts';
import { codeOf, definedRoot, edgeOf, nodesOf, someEntries, vectors } from './support.ts';

interface Roots {
  readonly entries: readonly string[];
  readonly emptyRoot: string;
  readonly rootsStart: readonly string[];
  readonly rootOfAll: string;
}

test('the published RFC 6962 trees have the published roots', () => {
  const { entries, emptyRoot: empty, rootsStart, rootOfAll } = vectors<Roots>('rfc6962-roots.json');
  const bytes = entries.map((entry) => Buffer.from(entry, 'hex'));
  const starts = bytes.map((_, i) =>
    edgeOf(bytes.slice(0, i + 1))
      .root()
      .toString('hex', 0, 4),
  );
  expect(starts).toEqual(rootsStart);
  expect(edgeOf(bytes).root().toString('hex')).toBe(rootOfAll);
  expect(RightEdge.empty().root().toString('hex')).toBe(empty);
  expect(emptyRoot.toString('hex')).toBe(empty);
});

test('an odd leaf is not doubled and prefixes are not left out', () => {
  const entries = someEntries(3);
  const [a, b, c] = entries.map(leafHash) as [Buffer, Buffer, Buffer];
  const bare = (...parts: Uint8Array[]) => hash('sha256', Buffer.concat(parts), 'buffer');
  const root = edgeOf(entries).root();
  expect(root).toEqual(bare(Buffer.of(1), bare(Buffer.of(1), a, b), c));
  expect(root).not.toEqual(edgeOf([...entries, entries[2] as Buffer]).root());
  expect(leafHash(Buffer.from('x'))).toEqual(bare(Buffer.from('\0x')));
});

test('every size up to 300 has the root that RFC 6962 defines, and the one of its full subtrees', () => {
  const entries = someEntries(300);
  const leaves = entries.map(leafHash);
  const nodes = nodesOf(entries);
  const edge = RightEdge.empty();
  for (let size = 1; size <= 300; size++) {
    edge.append((leaves[size - 1] as Buffer).toString('latin1'));
    expect(edge.root()).toEqual(definedRoot(leaves.slice(0, size)));
    expect(rootAt(size, nodes)).toEqual(edge.root());
  }
});

test('however a log is cut into bundles and restarts, its right edge is the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 60 }),
      fc.nat(60),
      (entries, cut) => {
        const whole = edgeOf(entries);
        const first = edgeOf(entries.slice(0, cut));
        const resumed = RightEdge.from(first.size, first.toBytes());
        resumed.appendBundle(encodeBundle(entries.slice(cut)), entries.slice(cut).length);
        expect(resumed.size).toBe(entries.length);
        expect(resumed.toBytes()).toEqual(whole.toBytes());
        expect(resumed.root()).toEqual(whole.root());
      },
    ),
  );
});

test('appending leaves the bundle as it was', () => {
  const bundle = encodeBundle(someEntries(50));
  const before = Buffer.from(bundle);
  RightEdge.empty().appendBundle(bundle, 50);
  expect(bundle).toEqual(before);
});

test('a clone goes its own way', () => {
  const edge = edgeOf(someEntries(5));
  const root = edge.root();
  const clone = edge.clone();
  clone.appendBundle(encodeBundle(someEntries(3, 5)), 3);
  expect(edge.root()).toEqual(root);
  expect(clone.root()).toEqual(edgeOf(someEntries(8)).root());
});

test('a malformed bundle or another count is refused before anything is appended', () => {
  const edge = edgeOf(someEntries(3));
  const before = edge.toBytes();
  const bundle = encodeBundle(someEntries(3));
  const seen: number[] = [];
  const onNode = (level: number) => void seen.push(level);
  for (const [bytes, count] of [
    [bundle, 2],
    [bundle, 4],
    [bundle.subarray(0, -1), 3],
    [Buffer.concat([bundle, Buffer.of(0)]), 3],
    [Buffer.concat([bundle, Buffer.of(0)]), 4],
  ] as const) {
    expect(codeOf(() => edge.appendBundle(bytes, count, onNode))).toBe('TB1403');
  }
  expect(edge.size).toBe(3);
  expect(edge.toBytes()).toEqual(before);
  expect(seen).toEqual([]);
});

test('the visitor learns every full subtree of 256 and 65,536 leaves once, with its place', () => {
  const entries = Array.from({ length: 65_536 + 300 }, (_, i) => Buffer.from(String(i)));
  const seen = new Map<string, string>();
  const edge = RightEdge.empty();
  edge.appendBundle(encodeBundle(entries), entries.length, (level, index, node) => {
    expect(seen.has(`${level}/${index}`)).toBe(false);
    seen.set(`${level}/${index}`, node);
  });
  expect([...seen.keys()]).toHaveLength(257 + 1);
  const nodes = nodesOf(entries);
  for (const place of ['8/0', '8/7', '8/256', '16/0']) {
    const [level = 0, index = 0] = place.split('/').map(Number);
    expect(Buffer.from(seen.get(place) ?? '', 'latin1')).toEqual(nodes.node(level, index));
  }
});

test('a log far above 2^32 entries still counts its bits right', () => {
  const size = 2 ** 52 + 2 ** 40 + 1;
  const bytes = Buffer.alloc(3 * 32, 7);
  const edge = RightEdge.from(size, bytes);
  edge.append('x'.repeat(32));
  expect(edge.size).toBe(size + 1);
  expect(edge.toBytes()).toHaveLength(3 * 32);
  expect(() => RightEdge.from(size, bytes.subarray(32))).toThrow('right edge');
});
