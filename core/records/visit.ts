import { codeTables } from './code-tables.ts';
import type { Entity, Report } from './dataset.ts';
import {
  admdvs,
  code,
  type Draft,
  datetime,
  type Field,
  field,
  flag,
  integer,
  list,
  text,
  year,
} from './field.ts';
import type { RuleContext } from './rule.ts';

/** ICD-10 insurance edition 2.0. */
const diagnosisForm = /^[A-Z]\d{2}\.[\dx]{3}(x\d{3})?(\+[A-Z]\d{2}(\.[\dx]+)?\*)?$/;
/** Institution: H or P, area, serial. */
export const institution = text(12, /^[HP]\d{11}$/);

const diagnosis: readonly Field[] = [
  field(1, 'diag_type', ['诊断类别', 'kind of diagnosis'], code(3, 'diag_type'), 'Y', '1'),
  field(2, 'diag_srt_no', ['诊断排序号', 'order'], integer(1, 999), 'Y', '1'),
  field(3, 'maindiag_flag', ['主诊断标志', 'main diagnosis'], flag, 'Y', '1'),
  field(4, 'diag_code', ['诊断代码', 'ICD-10 insurance edition 2.0'], text(20), 'Y', 'J06.900', {
    rules: ['V04'],
  }),
  field(5, 'diag_name', ['诊断名称', 'its name'], text(200), 'Y', '急性上呼吸道感染'),
  field(6, 'diag_time', ['诊断时间', 'when'], datetime, '-', '2026-03-02 09:10:00'),
  field(7, 'vali_flag', ['有效标志', 'valid'], flag, '-', '1'),
  field(8, 'diag_code_src', ['源诊断代码', 'code of the source where it was mapped'], text(20), '-', 'J06.9'),
];

const operation: readonly Field[] = [
  field(1, 'oprn_oprt_code', ['手术操作代码', 'ICD-9-CM-3 insurance edition 2.0'], text(30), 'Y', '00.0100'),
  field(2, 'oprn_oprt_name', ['手术操作名称', 'its name'], text(500), '-', '头颈部血管的治疗性超声'),
  field(3, 'oprn_oprt_date', ['手术操作时间', 'when'], datetime, '-', '2026-03-03 14:00:00'),
];

const fields: readonly Field[] = [
  field(1, 'mdtrt_id', ['就诊ID', 'opaque number of the visit'], text(30), 'Y', 'M43012126030200001'),
  field(
    2,
    'psn_no',
    ['人员编号', 'person; the only reference to identity'],
    text(30),
    'Y',
    '43008812345678901234',
    { rules: ['N02'] },
  ),
  field(
    3,
    'psn_insu_rlts_id',
    ['人员参保关系ID', 'enrolment; absent when insured elsewhere'],
    text(40),
    'C',
    'R43012120260000001',
  ),
  field(4, 'insutype', ['险种类型', 'kind of insurance'], code(6, 'insutype'), 'Y', '390'),
  field(5, 'psn_type', ['人员类别', 'kind of person'], code(6, 'psn_type'), 'Y', '15'),
  field(6, 'insu_admdvs', ['参保地区划', 'division of insurance'], admdvs, 'Y', '430121'),
  field(7, 'gend', ['性别', 'sex, GB/T 2261.1'], code(6, 'gend', codeTables.gend), 'Y', '1'),
  field(8, 'age', ['就诊时年龄', 'whole years when the visit began'], integer(0, 130), 'Y', '36'),
  field(9, 'fixmedins_code', ['定点医疗机构', 'institution'], institution, 'Y', 'H43012100001'),
  field(
    10,
    'hosp_lv',
    ['医院等级', 'level of the institution'],
    code(6, 'hosp_lv', codeTables.hosp_lv),
    'Y',
    '05',
  ),
  field(11, 'fix_blng_admdvs', ['机构归属区划', 'division of the institution'], admdvs, 'Y', '430121'),
  field(
    12,
    'med_type',
    ['医疗类别', 'kind of treatment: 11 outpatient, 13 emergency, 14 chronic, 21 inpatient …'],
    code(6, 'med_type'),
    'Y',
    '11',
  ),
  field(
    13,
    'mdtrt_cert_type',
    ['就诊凭证类型', 'kind of certificate shown; its number is never stored'],
    code(3, 'mdtrt_cert_type', codeTables.mdtrt_cert_type),
    'Y',
    '03',
  ),
  field(
    14,
    'ipt_otp_no',
    ['住院(门诊)号', "the institution's number of the visit"],
    text(30),
    'Y',
    'Z0000001',
    { rules: ['N01'] },
  ),
  field(15, 'medrcdno', ['病历号', 'medical record'], text(30), '-', 'B0000001', { rules: ['N01'] }),
  field(16, 'begntime', ['开始时间', 'begin'], datetime, 'Y', '2026-03-02 09:00:00', { rules: ['V01'] }),
  field(
    17,
    'endtime',
    ['结束时间', 'end; absent while a stay is open'],
    datetime,
    'C',
    '2026-03-02 09:30:00',
    { rules: ['V01'] },
  ),
  field(18, 'dept_code', ['科室编码', 'department'], text(30), 'Y', '0300'),
  field(19, 'dept_name', ['科室名称', 'its name'], text(100), '-', '内科'),
  field(20, 'caty', ['科别', 'department class'], code(6, 'caty'), '-', 'A03'),
  field(21, 'atddr_no', ['医师编码', 'doctor'], text(30), 'Y', 'D430121000001'),
  field(
    22,
    'diag',
    ['诊断', 'diagnoses, at least one'],
    list('Diag', diagnosis),
    'Y',
    '[{"diag_type":"1","diag_srt_no":1,"maindiag_flag":"1","diag_code":"J06.900","diag_name":"急性上呼吸道感染"}]',
    { rules: ['V04'] },
  ),
  field(
    23,
    'oprn',
    ['手术操作', 'operations'],
    list('Oprn', operation),
    'C',
    '[{"oprn_oprt_code":"00.0100"}]',
  ),
  field(24, 'dise_codg', ['病种编码', 'disease of the chronic list'], text(30), 'C', 'M03900'),
  field(25, 'dise_name', ['病种名称', 'its name'], text(500), 'C', '高血压'),
  field(26, 'adm_cond', ['入院病情', 'condition on admission'], text(500), 'C', '一般'),
  field(27, 'dscg_way', ['离院方式', 'way of discharge'], code(3, 'dscg_way', codeTables.dscg_way), 'C', '1'),
  field(28, 'ars_year_ipt_flag', ['跨年度住院标志', 'stay across the year end'], flag, 'C', '0'),
  field(29, 'year', ['待遇年度', 'year of benefits'], year, 'Y', '2026'),
  field(30, 'rloc_type', ['异地类别', 'kind of treatment away from home'], code(6, 'rloc_type'), 'C', '0'),
  field(31, 'refl_no', ['转诊单号', 'referral slip'], text(40), 'C', 'RF2026000001'),
  field(
    32,
    'refl_old_mdtrt_id',
    ['转诊前就诊ID', 'visit before the referral'],
    text(30),
    'C',
    'M43012126030100001',
  ),
  field(33, 'inhosp_stas', ['在院状态', 'in hospital'], flag, 'Y', '0'),
  field(34, 'ttp_pay_flag', ['第三方赔付标志', 'a third party pays'], flag, '-', '0'),
  field(35, 'access_path', ['上传路径', 'nodes that the visit came through'], text(60), 'Y', '430121'),
];

function check(draft: Draft, report: Report, context: RuleContext): void {
  const { begntime, endtime, diag } = draft;
  if (typeof begntime === 'number' && typeof endtime === 'number' && endtime < begntime) {
    report('V01', 'endtime');
  }
  if (!Array.isArray(diag)) return;
  for (const one of diag as readonly Draft[]) {
    const value = one['diag_code'];
    if (typeof value !== 'string') continue;
    const known = context.codeKnown?.('diag_code', value);
    if (!diagnosisForm.test(value) || known === false) return report('V04', 'diag');
  }
}

export const visit: Entity = {
  name: 'visit',
  message: 'Mdtrt',
  tag: 16,
  table: 'mdtrt',
  zh: '就诊 mdtrt',
  en: 'visit (mdtrt)',
  key: ['mdtrt_id'],
  fields,
  check,
};
