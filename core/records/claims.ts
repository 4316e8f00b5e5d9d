import type { Dataset, Entity, Report } from './dataset.ts';
import { code, type Draft, date, type Field, field, integer, money, text, year } from './field.ts';
import { line } from './line.ts';
import { visit } from './visit.ts';

const fields: readonly Field[] = [
  field(1, 'claim_no', ['单号', 'number of the claim'], text(40), 'Y', 'C43012126030200001'),
  field(2, 'mdtrt_id', ['就诊ID', 'visit'], text(30), 'Y', 'M43012126030200001'),
  field(3, 'chrg_bchno', ['收费批次号', 'charge batch'], text(30), 'Y', 'B0001'),
  field(
    4,
    'claim_type',
    ['报销方式', 'on the spot, paper, supplementary'],
    code(12, 'claim_type'),
    'Y',
    '即时',
  ),
  field(5, 'submit_channel', ['提交通道', 'online, batch, file'], code(12, 'submit_channel'), 'Y', 'online'),
  field(6, 'fee_begndate', ['费用开始日期', 'first charge'], date, 'Y', '2026-03-02', { rules: ['V01'] }),
  field(7, 'fee_enddate', ['费用结束日期', 'last charge, that day included'], date, 'Y', '2026-03-02', {
    rules: ['V01'],
  }),
  field(8, 'medfee_sumamt', ['医疗费总额', 'total of the lines'], money, 'Y', '58.74', { rules: ['S01'] }),
  field(9, 'line_cnt', ['明细数', 'number of lines'], integer(0, 1_000_000), 'Y', '3', { rules: ['S01'] }),
  field(10, 'bill_code', ['票据代码', 'bill code'], text(30), 'C', '430121'),
  field(11, 'bill_no', ['票据号码', 'bill number'], text(30), 'C', '036221965309'),
  field(12, 'year', ['待遇年度', 'year of benefits'], year, 'Y', '2026'),
  field(
    13,
    'stas',
    ['状态', 'received, validated, rejected, pre-settled, settled, reversed, archived'],
    code(12, 'claim_stas'),
    'Y',
    'received',
  ),
  field(
    14,
    'msgid',
    ['报文号', 'message number, the key of repeated submission'],
    text(30),
    'Y',
    'H43012100001202603020930000001',
  ),
  field(15, 'reject_codes', ['拒绝原因', 'rule ids, comma separated'], text(200), 'C', 'S01,L02'),
  field(16, 'batch_no', ['上传批次', 'upload batch'], text(40), 'C', 'U20260302'),
];

function check(draft: Draft, report: Report): void {
  const { fee_begndate: begin, fee_enddate: end } = draft;
  if (typeof begin === 'number' && typeof end === 'number' && end < begin) report('V01', 'fee_enddate');
}

/** A claim is one charge batch that is submitted for settlement. */
const claim: Entity = {
  name: 'claim',
  message: 'Claim',
  tag: 17,
  table: 'claim',
  zh: '单据 claim',
  en: 'claim header (claim)',
  key: ['claim_no'],
  fields,
  check,
};

export const claims: Dataset = {
  name: 'claims',
  message: 'ClaimsRecord',
  schemaVersion: 1,
  zh: '就诊、单据与费用明细',
  en: 'visits, claims and claim lines',
  owner: { en: 'the county of treatment', zh: '就医地' },
  identity: false,
  entities: [visit, claim, line],
};
