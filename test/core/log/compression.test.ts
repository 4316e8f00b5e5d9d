import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { compress, decompress } from '../../../core/log/compression.ts';
import { codeOf } from './support.ts';

const text = Buffer.from('enrollment '.repeat(5_000));

test('what was compressed comes back, and nothing grows', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => {
      const packed = compress(bytes);
      expect(packed.bytes.length).toBeLessThanOrEqual(bytes.length);
      expect(decompress(packed.compression, packed.bytes, bytes.length)).toEqual(Buffer.from(bytes));
    }),
  );
  expect(compress(text).compression).toBe('zstd');
  expect(compress(randomBytes(1_000)).compression).toBe('none');
});

test('a frame tells its content size, as the protocol promises', () => {
  // RFC 8878 3.1.1.1: frame content size flag (top two bits) or single segment (bit 5)
  for (const bytes of [text, Buffer.alloc(8 * 1024 * 1024, 'claims ')]) {
    expect((compress(bytes).bytes[4] as number) & 0b1110_0000).not.toBe(0);
  }
});

test('no more than the bound is unfolded', () => {
  const { compression, bytes } = compress(text);
  expect(decompress(compression, bytes, text.length)).toHaveLength(text.length);
  expect(codeOf(() => decompress(compression, bytes, text.length - 1))).toBe('TB1404');
  expect(codeOf(() => decompress('none', text, text.length - 1))).toBe('TB1404');
});

test('a frame of a few bytes that asks for a huge window is refused', () => {
  // RFC 8878 3.1.1: magic, no flags, window descriptor, then one raw block of one byte
  const frame = (windowLog: number) =>
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3, 9, 0, 0, 0x61]);
  expect(decompress('zstd', frame(24), 1_000).toString()).toBe('a');
  expect(codeOf(() => decompress('zstd', frame(25), 1_000))).toBe('TB1404');
});

test('cut, appended-to and arbitrary frames are refused', () => {
  const { bytes } = compress(text);
  for (let length = 0; length < bytes.length; length++) {
    expect(codeOf(() => decompress('zstd', bytes.subarray(0, length), text.length))).toBe('TB1404');
  }
  expect(codeOf(() => decompress('zstd', Buffer.concat([bytes, Buffer.of(0)]), 1 << 20))).toBe('TB1404');
  expect(codeOf(() => decompress('zstd', Buffer.concat([bytes, bytes]), 1 << 20))).toBe('TB1404');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
      try {
        decompress('zstd', junk, 1_000);
      } catch (error) {
        expect(error instanceof Fault && error.code).toBe('TB1404');
      }
    }),
  );
});

test('the result is a copy that belongs to the caller', () => {
  const source = Buffer.from('abc');
  decompress('none', source, 3).fill(0);
  expect(source.toString()).toBe('abc');
});
