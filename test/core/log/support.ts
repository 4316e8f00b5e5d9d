import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { encodeBundle } from '../../../core/log/bundle.ts';
import { leafHash, nodeHash } from '../../../core/log/leaf.ts';
import type { NodeReader } from '../../../core/log/proof.ts';
import { RightEdge } from '../../../core/log/right-edge.ts';

/** Entries of many lengths, the same for the same arguments. */
export function someEntries(count: number, from = 0): Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(`entry ${from + i} `.repeat(1 + ((from + i) % 13))),
  );
}

export function edgeOf(entries: readonly Uint8Array[]): RightEdge {
  const edge = RightEdge.empty();
  edge.appendBundle(encodeBundle(entries), entries.length);
  return edge;
}

/** MTH of RFC 6962 section 2.1, straight from its definition: the slow truth. */
export function definedRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (leaves.length === 1 && only) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(definedRoot(leaves.slice(0, k)), definedRoot(leaves.slice(k)));
}

/** All full subtrees of these entries. */
export function nodesOf(entries: readonly Uint8Array[]): NodeReader {
  const levels: Uint8Array[][] = [entries.map(leafHash)];
  for (let row = levels[0] ?? []; row.length > 1; levels.push(row)) {
    const above: Uint8Array[] = [];
    for (let i = 0; i + 1 < row.length; i += 2)
      above.push(nodeHash(row[i] as Uint8Array, row[i + 1] as Uint8Array));
    row = above;
  }
  return {
    node(level, index) {
      const hash = levels[level]?.[index];
      if (!hash) throw new Error(`no node ${level}/${index}`);
      return hash;
    },
  };
}

/** The fault that `act` throws; fails the test when it throws none or anything else. */
export function faultOf(act: () => unknown): Fault {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    return error as Fault;
  }
  throw new Error('nothing was thrown');
}

export function codeOf(act: () => unknown): string {
  return faultOf(act).code;
}

export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../vectors', name), 'utf8')) as T;
}

export interface SignedLogVectors {
  readonly entries: readonly string[];
  readonly bundle: string;
  readonly logKeySeedByte: number;
  readonly mirrorKeySeedByte: number;
  readonly logVkey: string;
  readonly mirrorVkey: string;
  readonly cosignedAtSeconds: number;
  readonly note: string;
  readonly inclusionOf1: readonly string[];
  readonly root2: string;
  readonly publicNote: { readonly vkey: string; readonly note: string };
}

export function signedLogVectors(): SignedLogVectors {
  return vectors<SignedLogVectors>('signed-log.json');
}

const sharedFolder =
  process.env['TONGBU_SHARED_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');

/** Public vectors that are too large to commit; a test without them skips and says so. */
export function sharedVectors<T>(name: string, skip: (reason: string) => never): T {
  const path = join(sharedFolder, 'vectors', name);
  if (!existsSync(path)) return skip(`no ${path}; set TONGBU_SHARED_DATA to the folder of public data`);
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
