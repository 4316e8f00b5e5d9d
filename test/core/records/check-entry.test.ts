import { describe, expect, test } from 'vitest';
import { encodeBody, withVersion } from '../../../core/records/body.ts';
import { checkEntry } from '../../../core/records/check-entry.ts';
import { entityOf } from '../../../core/records/dataset.ts';
import { datasetOf, datasets } from '../../../core/records/datasets.ts';
import type { Entry } from '../../../core/records/entry.ts';
import type { Draft } from '../../../core/records/field.ts';
import { prepareRow } from '../../../core/records/prepare-row.ts';
import { context, exampleRow } from './example-row.ts';

const enrollment = datasetOf('enrollment');
const enrolment = entityOf(enrollment, undefined);
const stamp: Draft = { src_sys: 'U', crter_id: 'op1', opter_id: 'op1', optins_no: '430121' };

function entryOf(key: string, body: Uint8Array, operation: Entry['operation'] = 'upsert'): Entry {
  return { key, operation, recordedAtMs: 1, schemaVersion: 1, body, salt: Buffer.alloc(0) };
}

function found(entry: Entry, within = context): string[] {
  return checkEntry(enrollment, entry, within).map(
    ({ rule, field, severity }) => `${rule} ${field} ${severity}`,
  );
}

describe('an entry that came in', () => {
  test.each(datasets)('what $name lets in at the origin is in order at the receiver', (dataset) => {
    for (const entity of dataset.entities) {
      const prepared = prepareRow(dataset, entity.name, exampleRow(entity), context);
      if (!prepared.accepted) throw new Error('refused');
      const entry = entryOf(prepared.key, withVersion(prepared.body, 1));
      expect(checkEntry(dataset, entry, context)).toEqual([]);
    }
  });

  test('one that breaks rules at the receiver is found by them, and nothing is thrown', () => {
    const { body } = encodeBody(enrolment, {
      ...stamp,
      psn_insu_rlts_id: 'R1',
      psn_insu_stas: '3',
      insu_year: 'x',
    });
    const list = found(entryOf('enrollment/R1', withVersion(body, 1)));
    expect(list).toEqual(
      expect.arrayContaining(['F01 psn_no reject', 'F04 psn_insu_stas reject', 'F02 insu_year reject']),
    );
  });

  test('what the owner holds already is not found again', () => {
    const perHead = () => 107_000;
    const raw = exampleRow(enrolment, { psn_clct_amt: '1.00' });
    const prepared = prepareRow(enrollment, undefined, raw, { ...context, perHead });
    if (!prepared.accepted) throw new Error('refused');
    expect(found(entryOf(prepared.key, prepared.body), { ...context, perHead })).toEqual([]);
  });

  test('a key that is not that of the record, a body that cannot be read, and a strange key are F06', () => {
    const prepared = prepareRow(enrollment, undefined, exampleRow(enrolment), context);
    if (!prepared.accepted) throw new Error('refused');
    expect(found(entryOf('enrollment/other', prepared.body))).toEqual(['F06 key reject']);
    expect(found(entryOf(prepared.key, prepared.body.subarray(3)))).toEqual(['F06  reject']);
    expect(found(entryOf('nothing', prepared.body))).toEqual(['F06  reject']);
  });

  test('a delete needs a key of the dataset and nothing else', () => {
    expect(found(entryOf('enrollment/R1', Buffer.alloc(0), 'delete'))).toEqual([]);
    expect(found(entryOf('visit/M1', Buffer.alloc(0), 'delete'))).toEqual(['F06  reject']);
  });
});
