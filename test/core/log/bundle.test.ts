import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import {
  countEntries,
  decodeBundle,
  encodeBundle,
  entryBytesMax,
  sliceBundle,
} from '../../../core/log/bundle.ts';
import { codeOf, faultOf, signedLogVectors, someEntries } from './support.ts';

const anyEntries = fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 40 });

test('a bundle has the bytes of the C2SP format', () => {
  const { entries, bundle } = signedLogVectors();
  expect(encodeBundle(entries.map((entry) => Buffer.from(entry))).toString('hex')).toBe(bundle);
});

test('what was bundled is what comes out, in order', () => {
  fc.assert(
    fc.property(anyEntries, (entries) => {
      const bundle = encodeBundle(entries);
      expect(countEntries(bundle)).toBe(entries.length);
      expect(decodeBundle(bundle)).toEqual(entries.map((entry) => Buffer.from(entry)));
    }),
  );
});

test('a slice of a bundle is the bundle of the slice', () => {
  fc.assert(
    fc.property(anyEntries, fc.nat(40), fc.nat(40), (entries, a, b) => {
      const from = Math.min(a, b, entries.length);
      const to = Math.min(Math.max(a, b), entries.length);
      expect(sliceBundle(encodeBundle(entries), from, to)).toEqual(encodeBundle(entries.slice(from, to)));
    }),
  );
});

test('an entry of 65,535 bytes is taken, one more byte is refused with its size', () => {
  const largest = Buffer.alloc(entryBytesMax, 1);
  expect(decodeBundle(encodeBundle([largest]))).toEqual([largest]);
  const fault = faultOf(() => encodeBundle([Buffer.alloc(entryBytesMax + 1)]));
  expect([fault.code, fault.parameters['size']]).toEqual(['TB1402', 65_536]);
});

test('any cut of a bundle is refused or is a whole number of its entries', () => {
  const entries = someEntries(20);
  const bundle = encodeBundle(entries);
  const ends = new Set(entries.map((_, i) => encodeBundle(entries.slice(0, i)).length));
  for (let length = 0; length < bundle.length; length++) {
    const cut = bundle.subarray(0, length);
    if (ends.has(length)) expect(decodeBundle(cut)).toEqual(entries.slice(0, countEntries(cut)));
    else expect(codeOf(() => countEntries(cut))).toBe('TB1403');
  }
});

test('arbitrary bytes are either a bundle that encodes back to them or TB1403', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        expect(encodeBundle(decodeBundle(bytes))).toEqual(Buffer.from(bytes));
      } catch (error) {
        expect(error instanceof Fault && error.code).toBe('TB1403');
      }
    }),
  );
});
