import { assert } from '../base/assert.ts';
import { view } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';

/*
 * C2SP entry bundle (tlog-tiles): entries one after another, each after its length as a big-endian u16.
 */

/** Bytes of an entry: its length has 16 bits. */
export const entryBytesMax = 65_535;

/** Throws TB1402 for an entry that no bundle can hold; intake asks before anything is stored. */
export function checkEntrySize(size: number): void {
  if (size > entryBytesMax) throw fault('TB1402', { size, sizeMax: entryBytesMax });
}

/** Throws TB1402. */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  let size = 0;
  for (const entry of entries) {
    checkEntrySize(entry.length);
    size += 2 + entry.length;
  }
  const bundle = Buffer.allocUnsafe(size);
  let at = 0;
  for (const entry of entries) {
    at = bundle.writeUInt16BE(entry.length, at);
    bundle.set(entry, at);
    at += entry.length;
  }
  return bundle;
}

/**
 * Visits the entries in order with where each begins and ends (without its length) and returns how many there
 * are. Throws TB1403 when a length runs over the end, after it has visited what lies before.
 */
export function forEachEntry(bundle: Uint8Array, visit: (start: number, end: number) => void): number {
  let count = 0;
  for (let at = 0; at < bundle.length; count++) {
    const start = at + 2;
    // A single last byte has no second one; its entry is over the end whatever stands in for it.
    const end = start + (((bundle[at] as number) << 8) | (bundle[at + 1] ?? 0));
    if (end > bundle.length) {
      throw fault('TB1403', { reason: `entry ${count} at byte ${at} runs over the end` });
    }
    visit(start, end);
    at = end;
  }
  return count;
}

/** Throws TB1403. */
export function countEntries(bundle: Uint8Array): number {
  return forEachEntry(bundle, () => {});
}

/** The entries as views of the bundle; no copies. Throws TB1403. */
export function decodeBundle(bundle: Uint8Array): Buffer[] {
  const bytes = view(bundle);
  const entries: Buffer[] = [];
  forEachEntry(bundle, (start, end) => entries.push(bytes.subarray(start, end)));
  return entries;
}

/** The bundle of entries [from, to), counted from the start of this one; a view. Throws TB1403. */
export function sliceBundle(bundle: Uint8Array, from: number, to: number): Buffer {
  const bytes = view(bundle);
  const offsets: number[] = [];
  const count = forEachEntry(bundle, (start) => offsets.push(start - 2));
  assert(0 <= from && from <= to && to <= count, `a bundle of ${count} has no entries [${from}, ${to})`);
  return bytes.subarray(offsets[from] ?? bytes.length, offsets[to] ?? bytes.length);
}
