import { describe, expect, test } from 'vitest';
import type { Draft } from '../../../core/records/field.ts';
import { checkClaimSet } from '../../../core/records/record-set.ts';
import { context } from './example-row.ts';

const hourMs = 3_600_000;
const visit: Draft = { begntime: 10 * hourMs, endtime: 11 * hourMs };
const line: Draft = { feedetl_sn: 'L1', fee_ocur_time: 10 * hourMs, cnt: 20_000, det_item_fee_sumamt: 1000 };
const claim: Draft = { medfee_sumamt: 1000, line_cnt: 1 };

function found(lines: readonly Draft[], header: Draft = claim): string[] {
  return checkClaimSet({ visit, claim: header, lines }, context).map(
    ({ rule, line: at }) => `${rule} ${at ?? '-'}`,
  );
}

describe('a visit with its claim and lines', () => {
  test('a right one has no finding', () => {
    expect(found([line])).toEqual([]);
  });

  test('a charge before the visit or more than a day after it is V01, except discharge drugs', () => {
    expect(found([{ ...line, fee_ocur_time: 9 * hourMs }])).toEqual(['V01 0']);
    expect(found([{ ...line, fee_ocur_time: 35 * hourMs }])).toEqual([]);
    expect(found([{ ...line, fee_ocur_time: 36 * hourMs }])).toEqual(['V01 0']);
    expect(found([{ ...line, fee_ocur_time: 36 * hourMs, dscg_tkdrug_flag: true }])).toEqual([]);
  });

  test('a line number twice is L04', () => {
    expect(found([line, line], { medfee_sumamt: 2000, line_cnt: 2 })).toEqual(['L04 1']);
  });

  test('a return names an earlier line and never takes more than it had', () => {
    const back = {
      ...line,
      feedetl_sn: 'L2',
      cnt: -20_000,
      det_item_fee_sumamt: -1000,
      rtn_feedetl_sn: 'L1',
    };
    const header = { medfee_sumamt: 0, line_cnt: 2 };
    expect(found([line, back], header)).toEqual([]);
    expect(found([back, line], header)).toEqual(['L01 0']);
    expect(found([line, { ...back, cnt: -20_001 }], header)).toEqual(['L01 1']);
    const twice = { ...back, feedetl_sn: 'L3' };
    expect(found([line, back, twice], { medfee_sumamt: -1000, line_cnt: 3 })).toEqual(['L01 2']);
  });

  test('a total or count other than that of the lines is S01', () => {
    expect(found([line], { medfee_sumamt: 999, line_cnt: 1 })).toEqual(['S01 -']);
    expect(found([line], { medfee_sumamt: 1000, line_cnt: 2 })).toEqual(['S01 -']);
  });
});
