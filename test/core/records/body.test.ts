import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { contentHashOf, decodeBody, encodeBody, withVersion } from '../../../core/records/body.ts';
import { claims } from '../../../core/records/claims.ts';
import { type Dataset, type Entity, entityOf } from '../../../core/records/dataset.ts';
import { datasets } from '../../../core/records/datasets.ts';
import { enrollment } from '../../../core/records/enrollment.ts';
import type { Draft, Field, Value } from '../../../core/records/field.ts';
import { persons } from '../../../core/records/persons.ts';
import { stampFields } from '../../../core/records/stamp.ts';

/** Any value that a field can hold, also ones that no rule would accept. */
function anyValue(field: Field): fc.Arbitrary<Value | undefined> {
  const { type } = field;
  switch (type.kind) {
    case 'text':
    case 'code':
      return fc.option(fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }), { nil: undefined });
    case 'date':
      return fc.option(fc.integer({ min: -62_000, max: 84_000 }), { nil: undefined });
    case 'flag':
      return fc.option(fc.boolean(), { nil: undefined });
    case 'list':
      return fc.option(fc.array(anyValues(type.of), { minLength: 1, maxLength: 4 }), { nil: undefined });
    default:
      return fc.option(fc.maxSafeInteger(), { nil: undefined });
  }
}

function anyValues(fields: readonly Field[]): fc.Arbitrary<Draft> {
  return fc.record(Object.fromEntries(fields.map((field) => [field.name, anyValue(field)])));
}

const cases = datasets.flatMap((dataset) =>
  dataset.entities.map((entity) => ({ dataset, entity, name: entity.name })),
);

/** protobufjs and the committed files: an encoder that is not ours. */
function typeOf(dataset: Dataset): protobuf.Type {
  const root = new protobuf.Root();
  for (const name of ['entry', dataset.name]) {
    const file = new URL(`../../../proto/tongbu/v1/records/${name}.proto`, import.meta.url);
    protobuf.parse(readFileSync(file, 'utf8'), root, { keepCase: true });
  }
  return root.lookupType(`tongbu.v1.records.${dataset.message}`);
}

/** The message that the .proto file means by a draft. */
function messageOf(entity: Entity, ver: number, draft: Draft): Record<string, unknown> {
  const part = (fields: readonly Field[]) =>
    Object.fromEntries(
      fields.flatMap(({ name }) => (draft[name] === undefined ? [] : [[name, draft[name]]])),
    );
  const source = part(stampFields.slice(0, 4));
  const handling = part(stampFields.slice(4));
  return {
    ver,
    ...(Object.keys(handling).length > 0 ? { handling } : {}),
    ...(Object.keys(source).length > 0 ? { source } : {}),
    [entity.name]: part(entity.fields),
  };
}

describe.each(cases)('body of $name', ({ dataset, entity }) => {
  const drafts = anyValues([...entity.fields, ...stampFields]);

  test('decoding gives what was encoded', () => {
    fc.assert(
      fc.property(drafts, fc.integer({ min: 1, max: 2 ** 40 }), (draft, ver) => {
        const decoded = decodeBody(dataset, withVersion(encodeBody(entity, draft).body, ver));
        expect(decoded.entity).toBe(entity);
        expect(decoded.ver).toBe(ver);
        expect(decoded.values).toEqual(draft);
      }),
      { numRuns: 50 },
    );
  });

  test('its bytes are those of protobufjs with the committed proto file', () => {
    const type = typeOf(dataset);
    fc.assert(
      fc.property(drafts, fc.integer({ min: 1, max: 2 ** 40 }), (draft, ver) => {
        const ours = withVersion(encodeBody(entity, draft).body, ver);
        const theirs = type.encode(type.fromObject(messageOf(entity, ver, draft))).finish();
        expect(Buffer.compare(ours, theirs)).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});

describe('content hash', () => {
  const entity = entityOf(enrollment, undefined);
  const draft: Draft = { psn_insu_rlts_id: 'R1', psn_clct_amt: 40_000, src_sys: 'U', opter_id: 'op1' };

  test('it is the same whoever wrote the row, whenever, in whatever version', () => {
    const { body, contentHash } = encodeBody(entity, draft);
    const other = encodeBody(entity, { ...draft, opter_id: 'op2', updt_time: 5 });
    expect(other.contentHash).toEqual(contentHash);
    expect(contentHashOf(body)).toEqual(contentHash);
    expect(contentHashOf(withVersion(other.body, 1_000))).toEqual(contentHash);
  });

  test('it differs when a value, the source or what holds the row differs', () => {
    const { contentHash } = encodeBody(entity, draft);
    for (const change of [
      { psn_clct_amt: 40_001 },
      { src_sys: 'A' },
      { held_by: 'E03' },
      { psn_clct_amt: undefined },
    ]) {
      expect(encodeBody(entity, { ...draft, ...change }).contentHash).not.toEqual(contentHash);
    }
  });
});

describe('bytes that are no body', () => {
  const { body } = encodeBody(entityOf(persons, 'person'), { psn_no: 'P1', psn_name: '样例甲', brdy: -3 });

  test('any bytes at all are read or refused with TB1511, never anything else', () => {
    const tryRead = (bytes: Uint8Array) => {
      try {
        decodeBody(persons, bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'TB1511' });
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), tryRead));
    for (let at = 0; at < body.length; at += 1) {
      for (const flip of [1, 0x80, 0xff]) {
        const changed = Buffer.from(body);
        changed[at] = (changed[at] ?? 0) ^ flip;
        tryRead(changed);
      }
    }
  });

  test('a cut body, a record of another dataset and two records are refused', () => {
    expect(() => decodeBody(persons, body.subarray(0, -1))).toThrow(/TB1511/);
    expect(() => decodeBody(persons, Buffer.alloc(0))).toThrow(/TB1511/);
    expect(() => decodeBody(claims, Buffer.from([0x92, 0x07, 0x00]))).toThrow(/TB1511/);
    const two = Buffer.concat([body, body]);
    expect(() => decodeBody(persons, two)).toThrow(/TB1511/);
  });

  test('a number that a double cannot hold is refused, not rounded', () => {
    // insu_rlts { psn_clct_amt = 2^63 - 1 }
    const huge = Buffer.from('82010ca801ffffffffffffffff7f', 'hex');
    huge[2] = huge.length - 3;
    expect(() => decodeBody(enrollment, huge)).toThrow(/TB1511/);
  });

  test('a field of a newer schema version is skipped', () => {
    const type = new protobuf.Type('X').add(new protobuf.Field('later', 400, 'string'));
    const extra = type.encode({ later: 'something' }).finish();
    const grown = Buffer.concat([
      body.subarray(0, 2),
      Buffer.from([(body[2] ?? 0) + extra.length]),
      body.subarray(3),
      extra,
    ]);
    expect(decodeBody(persons, grown).values['psn_no']).toBe('P1');
  });
});
