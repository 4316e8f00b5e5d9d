import { codeTables } from './code-tables.ts';
import type { Dataset, Entity, Report } from './dataset.ts';
import { code, type Draft, date, type Field, field, flag, scaled, text } from './field.ts';
import { priceScale, shareScale } from './line.ts';

/** Packaged code of a chemical (X, 23), patent (Z) or herbal (T) drug (20), or its catalogue prefix. */
const drugForm =
  /^(X[A-Z]\d{2}[A-Z]{2}[A-Z0-9]\d{3}([A-Z]\d{3}\d{9})?|[ZT][A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}(\d{9})?)$/;

const fields: readonly Field[] = [
  field(1, 'hilist_code', ['医保目录编码', 'catalogue code'], text(30), 'Y', 'XA01ABD075A002010100483', {
    rules: ['L02'],
  }),
  field(2, 'begndate', ['生效日期', 'valid from'], date, 'Y', '2026-01-01', { rules: ['C01'] }),
  field(3, 'enddate', ['失效日期', 'valid until, not including'], date, '-', '2027-01-01', {
    rules: ['C01'],
  }),
  field(4, 'hilist_name', ['医保目录名称', 'name in the catalogue'], text(200), 'Y', '地喹氯铵含片'),
  field(5, 'reg_name', ['注册名称', 'registered name'], text(200), '-', '地喹氯铵含片'),
  field(6, 'pinyin', ['拼音助记码', 'initials of the name'], text(30), '-', 'DKLAHP'),
  field(7, 'wubi', ['五笔助记码', 'wubi code of the name'], text(30), '-', 'FKRP'),
  field(
    8,
    'list_type',
    ['目录类别', '101 western and patent drugs, 102 herbal slices'],
    code(3, 'list_type', ['101', '102']),
    'Y',
    '101',
  ),
  field(
    9,
    'med_chrgitm_type',
    ['收费项目类别', 'kind of charge: 09 western, 10 herbal, 11 patent'],
    code(6, 'med_chrgitm_type', codeTables.med_chrgitm_type),
    'Y',
    '09',
  ),
  field(
    10,
    'chrgitm_lv',
    ['收费项目等级', '01 class A, 02 class B, 03 class C; absent where the list does not say'],
    code(3, 'chrgitm_lv', codeTables.chrgitm_lv),
    'C',
    '02',
  ),
  field(
    11,
    'selfpay_prop',
    ['先自付比例', 'share paid first by the patient, 0 to 1'],
    scaled(shareScale),
    'C',
    '0.1000',
    { rules: ['L03'] },
  ),
  field(12, 'pric_uplmt_amt', ['限价', 'price ceiling'], scaled(priceScale), 'C', '12.500000'),
  field(
    13,
    'overlmt_dspo_way',
    ['超限处理', 'what happens above the ceiling'],
    code(6, 'overlmt_dspo_way'),
    'C',
    '1',
  ),
  field(14, 'lmt_used_flag', ['限制使用标志', 'restricted use'], flag, 'C', '1'),
  field(15, 'lmt_cont', ['限制内容', 'by sex, age, level, inpatient, course'], text(500), 'C', '限儿童'),
  field(16, 'dosform', ['剂型', 'dosage form'], text(200), 'C', '片剂'),
  field(17, 'spec', ['规格', 'specification'], text(200), 'C', '0.25mg'),
  field(18, 'pac', ['包装', 'packing'], text(200), 'C', '每盒 24 片'),
  field(19, 'unit', ['单位', 'unit'], text(200), 'C', '盒'),
  field(20, 'prdr', ['生产厂家', 'producer'], text(200), 'C', '样例制药'),
  field(21, 'aprvno', ['批准文号', 'approval number'], text(200), 'C', '国药准字H00000000'),
  field(22, 'bas_medn_flag', ['基本药物标志', 'essential drug'], flag, '-', '0'),
  field(23, 'hi_nego_drug_flag', ['谈判药品标志', 'negotiated drug'], flag, '-', '0'),
  field(24, 'chld_medc_flag', ['儿童用药标志', 'for children'], flag, '-', '0'),
  field(25, 'matn_used_flag', ['生育使用标志', 'maternity'], flag, '-', '0'),
  field(26, 'list_ver', ['目录版本', 'release'], text(20), 'Y', '2026.01'),
  field(
    27,
    'chg_type',
    ['变更类型', 'new, changed, stopped'],
    code(3, 'chg_type', ['新增', '变更', '停用']),
    'Y',
    '新增',
  ),
  field(28, 'chg_req_no', ['申请单号', 'change request behind it'], text(40), '-', 'CR2026000001'),
];

function check(draft: Draft, report: Report): void {
  const { hilist_code: item, begndate: begin, enddate: end, selfpay_prop: share } = draft;
  if (typeof item === 'string' && !drugForm.test(item)) report('L02', 'hilist_code');
  if (typeof begin === 'number' && typeof end === 'number' && end <= begin) report('C01', 'enddate');
  if (typeof share === 'number' && (share < 0 || share > 10 ** shareScale)) report('L03', 'selfpay_prop');
}

const drug: Entity = {
  name: 'drug',
  message: 'Drug',
  tag: 16,
  table: 'hilist_drug',
  zh: '药品目录 hilist(101、102)',
  en: 'drug of the catalogue (hilist, list types 101 and 102)',
  // The validity begins with the row: one code has many rows over time, which never overlap (C01).
  key: ['hilist_code', 'begndate'],
  fields,
  check,
};

/** Published by the province alone; counties ask for changes by mail. */
export const catalog: Dataset = {
  name: 'catalog',
  message: 'CatalogRecord',
  schemaVersion: 1,
  zh: '医保目录',
  en: 'catalogue',
  owner: { en: 'the province', zh: '省级' },
  identity: false,
  entities: [drug],
};
