import { dayNumber, dayOf } from './calendar.ts';
import { codeTables } from './code-tables.ts';
import type { Dataset, Entity, Report } from './dataset.ts';
import { admdvs, code, type Draft, date, datetime, type Field, field, money, text, year } from './field.ts';
import type { RuleContext } from './rule.ts';

const sum = { rules: ['E03'] as const };
const season = { rules: ['E04'] as const };

const fields: readonly Field[] = [
  field(
    1,
    'psn_insu_rlts_id',
    ['人员参保关系ID', 'number of the enrolment'],
    text(40),
    'Y',
    'R43012120260000001',
  ),
  field(
    2,
    'psn_no',
    ['人员编号', 'person; the only reference to identity'],
    text(30),
    'Y',
    '43008812345678901234',
    { rules: ['N02'] },
  ),
  field(3, 'hh_ref', ['家庭参照号', 'household'], text(20), 'C', 'HH0000000001', { rules: ['N02'] }),
  field(4, 'insu_year', ['参保年度', 'insurance year'], year, 'Y', '2026', season),
  field(
    5,
    'insutype',
    ['险种类型', 'kind of insurance: 390 residents, 380 and 391 legacy'],
    code(6, 'insutype'),
    'Y',
    '390',
  ),
  field(6, 'insu_admdvs', ['参保地区划', 'division of insurance'], admdvs, 'Y', '430121'),
  field(7, 'poolarea', ['统筹区', 'pool area'], admdvs, 'Y', '430121'),
  field(8, 'psn_type', ['人员类别', 'kind of person'], code(6, 'psn_type'), 'Y', '15'),
  field(
    9,
    'psn_idet_type',
    ['身份类别', 'minimum living, destitute, disabled, registered poor'],
    code(12, 'psn_idet_type'),
    'C',
    '低保',
  ),
  field(10, 'psn_type_lv', ['身份等级', 'level of that'], code(3, 'psn_type_lv'), 'C', '1'),
  field(11, 'psn_idet_begndate', ['身份开始日期', 'begin of that'], date, 'C', '2026-01-01'),
  field(12, 'psn_idet_enddate', ['身份结束日期', 'end of that, not including'], date, 'C', '2027-01-01'),
  field(
    13,
    'psn_insu_stas',
    ['参保状态', '0 not insured, 1 normal, 2 paused, 4 ended'],
    code(6, 'psn_insu_stas', codeTables.psn_insu_stas),
    'Y',
    '1',
  ),
  field(14, 'psn_insu_date', ['参保日期', 'date of enrolment'], date, 'Y', '2025-10-12'),
  field(
    15,
    'fst_insu_ym',
    ['首次参保年月', 'month of the first enrolment, YYYYMM'],
    text(6, /^\d{4}(0[1-9]|1[0-2])$/),
    '-',
    '201601',
  ),
  field(16, 'paus_insu_date', ['暂停参保日期', 'paused on'], date, 'C', '2026-06-01'),
  field(17, 'trt_begndate', ['待遇开始日期', 'benefit period begins'], date, 'Y', '2026-01-01', season),
  field(
    18,
    'trt_enddate',
    ['待遇结束日期', 'benefit period ends, not including'],
    date,
    'Y',
    '2027-01-01',
    season,
  ),
  field(19, 'clct_way', ['征收方式', 'way of collection'], code(6, 'clct_way'), 'Y', '01'),
  field(20, 'clct_grde', ['缴费档次', 'grade of contribution'], code(6, 'clct_grde'), 'Y', '01'),
  field(21, 'psn_clct_amt', ['个人缴费', 'own contribution'], money, 'Y', '400.00', sum),
  field(22, 'fin_subs_ctr', ['中央补助', 'subsidy of the nation'], money, 'Y', '420.00', sum),
  field(23, 'fin_subs_prov', ['省补助', 'subsidy of the province'], money, 'Y', '180.00', sum),
  field(24, 'fin_subs_city', ['市补助', 'subsidy of the city'], money, 'Y', '20.00', sum),
  field(25, 'fin_subs_cty', ['县补助', 'subsidy of the county'], money, 'Y', '50.00', sum),
  field(26, 'med_aid_subs_amt', ['资助参保', 'aid toward the contribution'], money, '-', '0.00', sum),
  field(27, 'clct_time', ['缴费时间', 'paid at'], datetime, 'C', '2025-10-12 10:20:00', season),
  field(28, 'invono', ['票据号', 'receipt'], text(30), 'C', '1216642134'),
  field(
    29,
    'dup_case_no',
    ['重复参保案号', 'duplicate case in the log cases'],
    text(40),
    '-',
    'DC2026000001',
  ),
];

const parts = [
  'psn_clct_amt',
  'fin_subs_ctr',
  'fin_subs_prov',
  'fin_subs_city',
  'fin_subs_cty',
  'med_aid_subs_amt',
];

function check(draft: Draft, report: Report, context: RuleContext): void {
  const { insu_year: insuYear, trt_begndate: begin, trt_enddate: end, clct_time: paid } = draft;
  if (typeof begin === 'number' && typeof end === 'number' && end <= begin) report('C01', 'trt_enddate');
  const identityEnd = draft['psn_idet_enddate'];
  const identityBegin = draft['psn_idet_begndate'];
  if (typeof identityEnd === 'number' && typeof identityBegin === 'number' && identityEnd <= identityBegin) {
    report('C01', 'psn_idet_enddate');
  }
  if (typeof insuYear === 'string') checkSeason(Number(insuYear), begin, end, paid, report);
  checkStandard(draft, report, context);
}

/** The season runs from 1 September before the year; the benefit period lies within the year. */
function checkSeason(insuYear: number, begin: unknown, end: unknown, paid: unknown, report: Report): void {
  const season = dayNumber(insuYear - 1, 9, 1);
  const first = dayNumber(insuYear, 1, 1);
  const next = dayNumber(insuYear + 1, 1, 1);
  if (season === undefined || first === undefined || next === undefined) return report('E04', 'insu_year');
  if (typeof begin === 'number' && (begin < first || begin >= next)) report('E04', 'trt_begndate');
  if (typeof end === 'number' && end > next) report('E04', 'trt_enddate');
  if (typeof paid === 'number' && (dayOf(paid) < season || dayOf(paid) >= next)) report('E04', 'clct_time');
}

/** E03 is about active rows; a pool without a known standard is not checked. */
function checkStandard(draft: Draft, report: Report, context: RuleContext): void {
  const { insu_year: insuYear, poolarea, psn_type: psnType } = draft;
  if (context.perHead === undefined || draft['psn_insu_stas'] !== '1') return;
  if (typeof insuYear !== 'string' || typeof poolarea !== 'string' || typeof psnType !== 'string') return;
  const standard = context.perHead(insuYear, poolarea, psnType);
  if (standard === undefined) return;
  let total = 0;
  for (const part of parts) total += typeof draft[part] === 'number' ? draft[part] : 0;
  if (total !== standard) report('E03', 'psn_clct_amt');
}

const enrolment: Entity = {
  name: 'enrollment',
  message: 'InsuRlts',
  tag: 16,
  table: 'insu_rlts',
  zh: '人员参保关系 insu_rlts',
  en: 'enrolment of a person in a year (insu_rlts)',
  key: ['psn_insu_rlts_id'],
  fields,
  check,
};

export const enrollment: Dataset = {
  name: 'enrollment',
  message: 'EnrollmentRecord',
  schemaVersion: 1,
  zh: '年度参保',
  en: 'enrolment per year',
  owner: { en: 'the county of insurance', zh: '参保地' },
  identity: false,
  entities: [enrolment],
};
