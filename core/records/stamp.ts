import { code, datetime, type Field, field, text } from './field.ts';

/**
 * The columns that every synchronised row has. What can be derived is not stored: rid is origin + dataset +
 * key of the entry; src_node is the log's origin; oper_flag is I at ver 1, U above, V for a delete entry;
 * vali_flag is 0 after that; rcv_time is the receiver's clock; row_hash is `contentHash`, over source and
 * record.
 */
export const sourceFields: readonly Field[] = [
  field(
    1,
    'src_sys',
    ['来源系统', 'system that the row comes from: A NRCMS, B urban residents, U unified'],
    code(2, 'src_sys', ['A', 'B', 'U']),
    'Y',
    'U',
  ),
  field(
    2,
    'src_key',
    ['来源主键', 'key in the source system, unchanged; outside persons never an ID or card number'],
    text(64),
    'C',
    'R000017',
    { rules: ['N01'] },
  ),
  field(
    3,
    'poolarea_no',
    ['统筹区编号', 'pool area, where it differs from the county of the log'],
    text(6, /^\d{6}$/),
    'C',
    '430100',
  ),
  field(
    4,
    'held_by',
    ['暂挂规则', 'rules, comma separated, for which the owner holds the row: not effective until cured'],
    text(200, /^[A-Z]\d\d(,[A-Z]\d\d)*$/),
    'C',
    'E03',
  ),
];

/** Who wrote the row and when by the source's clock; not part of the content that is compared. */
export const handlingFields: readonly Field[] = [
  field(1, 'crter_id', ['创建人', 'staff code of who made the row'], text(20), 'Y', 'op0001'),
  field(2, 'opter_id', ['经办人', 'staff code of who changed it last'], text(20), 'Y', 'op0001'),
  field(3, 'optins_no', ['经办机构', 'agency that handled it'], text(20), 'Y', '430121'),
  field(
    4,
    'crte_time',
    ['创建时间', 'when the source made the row; absent: the recorded time of ver 1'],
    datetime,
    '-',
    '2026-01-05 09:30:00',
  ),
  field(
    5,
    'updt_time',
    ['更新时间', 'when the source changed the row; absent: the recorded time of the entry'],
    datetime,
    '-',
    '2026-01-05 09:30:00',
  ),
];

export const stampFields: readonly Field[] = [...sourceFields, ...handlingFields];
