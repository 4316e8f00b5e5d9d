import type { Entity } from '../../../core/records/dataset.ts';
import type { RowContext } from '../../../core/records/prepare-row.ts';

/** 2026-11-20. */
export const today = 20_777;

export const context: RowContext = {
  today,
  migrated: false,
  testIds: true,
  defaults: { src_sys: 'U', crter_id: 'op0001', opter_id: 'op0001', optins_no: '430121' },
};

/** Every field with the example of its definition; `changes` on top, `undefined` takes a field away. */
export function exampleRow(
  entity: Entity,
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const field of entity.fields) row[field.name] = field.example;
  return { ...row, ...quiet[entity.name], ...changes };
}

/** Fields whose example is about a case that the plain row is not in. */
const quiet: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  person: { die_date: undefined, qlty_flag: undefined },
  line: { rtn_feedetl_sn: undefined },
};
