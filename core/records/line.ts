import { dayOf } from './calendar.ts';
import { codeTables } from './code-tables.ts';
import type { Entity, Report } from './dataset.ts';
import { code, type Draft, datetime, type Field, field, flag, money, scaled, text } from './field.ts';
import type { RuleContext } from './rule.ts';

export const quantityScale = 4;
export const priceScale = 6;
export const shareScale = 4;
/** cnt × pric has ten decimals; a fen is 10^8 of them. */
const fenPerProduct = 100_000_000;
/** The amount may differ by one fen from quantity × price rounded half up. */
const toleranceFen = 1;

const priced = { rules: ['L03'] as const };

const fields: readonly Field[] = [
  field(
    1,
    'feedetl_sn',
    ['费用明细流水号', 'number of the line, unique in the visit'],
    text(30),
    'Y',
    'L0001',
    { rules: ['L04'] },
  ),
  field(2, 'mdtrt_id', ['就诊ID', 'visit'], text(30), 'Y', 'M43012126030200001'),
  field(3, 'chrg_bchno', ['收费批次号', 'charge batch'], text(30), 'Y', 'B0001'),
  field(4, 'rxno', ['处方号', 'prescription'], text(30), 'C', 'R0000000010'),
  field(5, 'drord_no', ['医嘱号', "doctor's order"], text(30), 'C', 'Y0000000010'),
  field(6, 'rx_circ_flag', ['外购处方标志', 'bought outside'], flag, 'Y', '0'),
  field(7, 'hosp_appr_flag', ['医院审批标志', 'approved by the hospital'], flag, 'Y', '1'),
  field(
    8,
    'fee_ocur_time',
    ['费用发生时间', 'when it was charged; decides which catalogue row holds'],
    datetime,
    'Y',
    '2026-03-02 09:20:00',
    { rules: ['V01', 'L02'] },
  ),
  field(9, 'med_list_codg', ['医疗目录编码', 'catalogue code'], text(50), 'Y', '001102000010000', {
    rules: ['L02'],
  }),
  field(10, 'medins_list_codg', ['院内编码', "the institution's code"], text(150), 'Y', 'H315197'),
  field(11, 'medins_list_name', ['院内名称', "the institution's name"], text(200), 'Y', '普通门诊诊查费'),
  field(12, 'det_item_fee_sumamt', ['明细金额', 'amount; negative for a return'], money, 'Y', '11.66', {
    rules: ['L01', 'L03', 'S09'],
  }),
  field(13, 'cnt', ['数量', 'quantity; negative for a return'], scaled(quantityScale), 'Y', '1.0000', {
    rules: ['L01', 'S09'],
  }),
  field(14, 'pric', ['单价', 'price'], scaled(priceScale), 'Y', '11.660000', { rules: ['L01', 'S09'] }),
  field(15, 'spec', ['规格', 'specification'], text(200), '-', '20mg*7'),
  field(16, 'dosform_name', ['剂型', 'dosage form'], text(200), '-', '片剂'),
  field(17, 'unt', ['单位', 'unit'], text(200), '-', '盒'),
  field(18, 'sin_dos_dscr', ['单次剂量', 'single dose'], text(200), 'C', '20mg'),
  field(19, 'used_frqu_dscr', ['使用频次', 'frequency'], text(200), 'C', '每日一次'),
  field(20, 'prd_days', ['周期天数', 'days, two decimals'], scaled(2), 'C', '7.00'),
  field(21, 'medc_way_dscr', ['用药途径', 'route'], text(200), 'C', '口服'),
  field(22, 'bilg_dept_codg', ['开单科室', 'ordering department'], text(30), 'Y', '0300'),
  field(23, 'bilg_dr_codg', ['开单医师', 'ordering doctor'], text(30), 'Y', 'D430121000001'),
  field(24, 'acord_dept_codg', ['受单科室', 'executing department'], text(30), '-', '0400'),
  field(25, 'orders_dr_code', ['受单医师', 'executing doctor'], text(30), '-', 'D430121000002'),
  field(26, 'etip_flag', ['外检标志', 'tested outside'], flag, '-', '0'),
  field(27, 'etip_hosp_code', ['外检机构', 'by which institution'], text(12), '-', 'H43012100002'),
  field(28, 'dscg_tkdrug_flag', ['出院带药标志', 'drug taken home at discharge'], flag, '-', '0'),
  field(29, 'matn_fee_flag', ['生育费用标志', 'maternity'], flag, '-', '0'),
  field(
    30,
    'pric_uplmt_amt',
    ['限价', 'price ceiling; this and the next seven are set when the line is priced'],
    scaled(priceScale),
    'C',
    '12.000000',
  ),
  field(
    31,
    'selfpay_prop',
    ['先自付比例', 'share paid first by the patient, 0 to 1'],
    scaled(shareScale),
    'C',
    '0.1500',
    priced,
  ),
  field(32, 'fulamt_ownpay_amt', ['全自费金额', 'wholly own pay'], money, 'C', '0.00', priced),
  field(33, 'overlmt_amt', ['超限价金额', 'above the price ceiling'], money, 'C', '0.00', priced),
  field(34, 'preselfpay_amt', ['先行自付金额', 'first own share'], money, 'C', '1.75', priced),
  field(35, 'inscp_scp_amt', ['政策范围内金额', 'within policy scope'], money, 'C', '9.91', priced),
  field(
    36,
    'chrgitm_lv',
    ['收费项目等级', '01 class A, 02 class B, 03 class C'],
    code(3, 'chrgitm_lv', codeTables.chrgitm_lv),
    'C',
    '01',
  ),
  field(
    37,
    'med_chrgitm_type',
    ['收费项目类别', 'kind of charge'],
    code(6, 'med_chrgitm_type', codeTables.med_chrgitm_type),
    'C',
    '02',
  ),
  field(38, 'lmt_used_flag', ['限制使用标志', 'restricted use'], flag, 'C', '0'),
  field(39, 'list_ver', ['目录版本', 'release of the catalogue that was used'], text(20), 'C', '2026.01'),
  field(40, 'rtn_feedetl_sn', ['退费原明细', 'line that this one returns'], text(30), 'C', 'L0001', {
    rules: ['L01'],
  }),
];

/** Drugs by packaged code or catalogue prefix, items, consumables. */
const itemForms = [
  /^X[A-Z]\d{2}[A-Z]{2}[A-Z0-9]\d{3}([A-Z]\d{3}\d{9})?$/,
  /^[ZT][A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}(\d{9})?$/,
  /^\d{15}$/,
  /^C\d{19}(\d{7})?$/,
];

/** L02, as far as the form of the code tells. */
export function isItemCode(code: string): boolean {
  return itemForms.some((form) => form.test(code));
}

function check(draft: Draft, report: Report, context: RuleContext): void {
  const { med_list_codg: item, fee_ocur_time: at, cnt, pric, det_item_fee_sumamt: amount } = draft;
  if (typeof item === 'string') {
    const known = typeof at === 'number' ? context.itemKnown?.(item, dayOf(at)) : undefined;
    if (!isItemCode(item) || known === false) report('L02', 'med_list_codg');
  }
  if (typeof cnt === 'number' && typeof pric === 'number' && typeof amount === 'number') {
    if (Math.abs(productFen(cnt, pric) - amount) > toleranceFen) report('L01', 'det_item_fee_sumamt');
    if (pric < 0) report('L01', 'pric');
    if ((cnt < 0 || amount < 0) && draft['rtn_feedetl_sn'] === undefined) report('L01', 'rtn_feedetl_sn');
  }
  checkShares(draft, report);
}

function checkShares(draft: Draft, report: Report): void {
  const share = draft['selfpay_prop'];
  if (typeof share === 'number' && (share < 0 || share > 10 ** shareScale)) report('L03', 'selfpay_prop');
  let total = 0;
  for (const name of ['fulamt_ownpay_amt', 'overlmt_amt', 'preselfpay_amt', 'inscp_scp_amt']) {
    const part = draft[name];
    if (typeof part !== 'number') return;
    total += part;
  }
  if (total !== draft['det_item_fee_sumamt']) report('L03', 'det_item_fee_sumamt');
}

/** Quantity × price in fen, half up (away from zero), exact at any size. */
export function productFen(cnt: number, pric: number): number {
  const product = cnt * pric;
  const sign = product < 0 ? -1 : 1;
  if (Number.isSafeInteger(product)) {
    return sign * Math.floor((Math.abs(product) + fenPerProduct / 2) / fenPerProduct);
  }
  const exact = BigInt(Math.abs(cnt)) * BigInt(Math.abs(pric));
  return sign * Number((exact + BigInt(fenPerProduct / 2)) / BigInt(fenPerProduct));
}

export const line: Entity = {
  name: 'line',
  message: 'Feedetl',
  tag: 18,
  table: 'feedetl',
  zh: '费用明细 feedetl',
  en: 'claim line (feedetl)',
  key: ['mdtrt_id', 'feedetl_sn'],
  fields,
  check,
};
