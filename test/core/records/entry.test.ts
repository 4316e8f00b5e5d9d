import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { decodeEntry, type Entry, encodeEntry } from '../../../core/records/entry.ts';

const file = new URL('../../../proto/tongbu/v1/records/entry.proto', import.meta.url);
const type = protobuf
  .parse(readFileSync(file, 'utf8'), new protobuf.Root(), { keepCase: true })
  .root.lookupType('tongbu.v1.records.Entry');

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const entries: fc.Arbitrary<Entry> = fc.record({
  key: fc.string({ maxLength: 150, unit: 'grapheme' }),
  operation: fc.constantFrom('upsert' as const, 'delete' as const),
  recordedAtMs: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  schemaVersion: fc.integer({ min: 1, max: 1000 }),
  body: bytes(300),
  salt: bytes(16),
});

describe('entry', () => {
  test('decoding gives what was encoded', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const decoded = decodeEntry(encodeEntry(entry));
        expect({ ...decoded, body: Buffer.from(decoded.body), salt: Buffer.from(decoded.salt) }).toEqual(
          entry,
        );
      }),
    );
  });

  test('protobufjs reads the same entry from the bytes', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const theirs = type.toObject(type.decode(encodeEntry(entry)), { longs: Number, defaults: true });
        expect(theirs).toMatchObject({
          key: entry.key,
          operation: entry.operation === 'upsert' ? 1 : 2,
          recorded_at: entry.recordedAtMs,
          schema_version: entry.schemaVersion,
        });
        expect(Buffer.from(theirs['body'] as Uint8Array)).toEqual(entry.body);
        expect(Buffer.from(theirs['salt'] as Uint8Array)).toEqual(entry.salt);
      }),
    );
  });

  test('any bytes are read or refused with a code, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (array) => {
        try {
          decodeEntry(array);
        } catch (error) {
          expect(['TB1510', 'TB1511']).toContain((error as { code: string }).code);
        }
      }),
    );
  });

  test('without a key or with an unknown operation it is no entry', () => {
    const whole = encodeEntry({
      key: 'x/1',
      operation: 'upsert',
      recordedAtMs: 1,
      schemaVersion: 1,
      body: Buffer.from('b'),
      salt: Buffer.alloc(0),
    });
    expect(decodeEntry(whole).key).toBe('x/1');
    const unknown = Buffer.from(whole);
    unknown[6] = 9;
    expect(() => decodeEntry(unknown)).toThrow(/TB1510/);
    expect(() => decodeEntry(whole.subarray(5))).toThrow(/TB1510/);
    expect(() => decodeEntry(Buffer.alloc(0))).toThrow(/TB1510/);
  });
});
