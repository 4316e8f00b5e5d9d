import { codeTables } from './code-tables.ts';
import type { Dataset, Entity } from './dataset.ts';
import { admdvs, code, date, type Field, field, integer, text } from './field.ts';
import { checkMember, checkPerson, normalisePerson } from './person-rules.ts';

const id = { identity: true } as const;
const village = text(12, /^\d{12}$/);

const personFields: readonly Field[] = [
  field(
    1,
    'psn_no',
    ['人员编号', 'opaque person number, drawn at random'],
    text(30),
    'Y',
    '43008812345678901234',
    {
      rules: ['N02'],
    },
  ),
  field(
    2,
    'psn_cert_type',
    ['证件类型', 'kind of certificate; 01 is the ID card'],
    code(6, 'psn_cert_type', codeTables.psn_cert_type),
    'Y',
    '01',
  ),
  field(
    3,
    'certno',
    ['证件号码', 'certificate number; ID numbers have 18 characters'],
    text(50),
    'Y',
    '990101199001010019',
    {
      identity: true,
      rules: ['P01', 'P02'],
    },
  ),
  field(4, 'psn_name', ['姓名', 'name in NFC, no spaces, middle dot U+00B7'], text(50), 'Y', '样例甲', {
    identity: true,
    rules: ['P04'],
  }),
  field(5, 'used_name', ['曾用名', 'former name'], text(50), '-', '样例乙', id),
  field(6, 'gend', ['性别', 'sex, GB/T 2261.1'], code(6, 'gend', codeTables.gend), 'Y', '1', {
    rules: ['P01'],
  }),
  field(7, 'brdy', ['出生日期', 'birth date'], date, 'Y', '1990-01-01', {
    identity: true,
    rules: ['P01', 'P03'],
  }),
  field(
    8,
    'naty',
    ['民族', 'ethnic group, GB/T 3304; migrated rows may lack it'],
    code(3, 'naty', codeTables.naty),
    'Y',
    '01',
    {
      identity: true,
      rules: ['E06'],
    },
  ),
  field(9, 'ntly', ['国籍', 'nationality, GB/T 2659; 156 by default'], text(6), '-', '156'),
  field(10, 'mrg_stas', ['婚姻状况', 'marital status, GB/T 2261.2'], code(3, 'mrg_stas'), '-', '20'),
  field(
    11,
    'resd_natu',
    ['户口性质', 'kind of residence: 10 non-farming, 20 farming'],
    code(3, 'resd_natu', codeTables.resd_natu),
    '-',
    '20',
  ),
  field(12, 'hsreg_admdvs', ['户籍地区划', 'division of registered residence'], admdvs, 'Y', '430121'),
  field(
    13,
    'hsreg_addr',
    ['户籍地址', 'address of registered residence'],
    text(200),
    '-',
    '样例镇样例村1组',
    {
      identity: true,
      rules: ['E06'],
    },
  ),
  field(
    14,
    'live_admdvs',
    ['现住地', 'village where the person lives, 12 digits'],
    village,
    '-',
    '430121101201',
    id,
  ),
  field(15, 'live_addr', ['现住址', 'address where the person lives'], text(200), '-', '样例镇样例村1组', id),
  field(16, 'tel', ['联系电话', 'telephone'], text(50), '-', '10012345678', {
    identity: true,
    rules: ['E06'],
  }),
  field(
    17,
    'surv_stas',
    ['生存状态', 'alive 1, dead 2'],
    code(3, 'surv_stas', codeTables.surv_stas),
    'Y',
    '1',
  ),
  field(18, 'die_date', ['死亡日期', 'date of death'], date, 'C', '2025-12-01', {
    identity: true,
    rules: ['P03'],
  }),
  field(19, 'hi_card_no', ['医疗证号', 'medical card number'], text(32), '-', 'C990000000001', id),
  field(20, 'ssc_no', ['社保卡号', 'social security card number'], text(32), '-', 'S990000000001', id),
  field(
    21,
    'psn_no_prev',
    ['原人员编号', 'person number before a merge'],
    text(30),
    '-',
    '43008812345678901235',
  ),
  field(
    22,
    'qlty_flag',
    ['数据质量标志', 'quality flags, flag n is bit n - 1; set by Tongbu, bits 7 and 8 by screening'],
    integer(0, 511),
    'Y',
    '0',
  ),
];

const person: Entity = {
  name: 'person',
  message: 'PsnInfo',
  tag: 16,
  table: 'psn_info',
  zh: '参保人员信息 psn_info',
  en: 'insured person (psn_info)',
  key: ['psn_no'],
  fields: personFields,
  normalise: normalisePerson,
  check: checkPerson,
};

const household: Entity = {
  name: 'household',
  message: 'Household',
  tag: 17,
  table: 'household',
  zh: '家庭 household',
  en: 'household',
  key: ['hh_ref'],
  fields: [
    field(
      1,
      'hh_ref',
      ['家庭参照号', 'opaque household number, drawn at random'],
      text(20),
      'Y',
      'HH0000000001',
      { rules: ['N02'] },
    ),
    field(
      2,
      'hh_no_src',
      ['家庭编号', 'household number of system A'],
      text(16),
      'C',
      '4301210010010001',
      id,
    ),
    field(
      3,
      'med_card_no',
      ['合作医疗证号', 'household card of system A'],
      text(18),
      'C',
      '430121001001000101',
      id,
    ),
    field(4, 'hh_head_psn_no', ['户主', 'person number of the head'], text(30), 'Y', '43008812345678901234', {
      rules: ['E05'],
    }),
    field(5, 'admdvs12', ['村级区划', 'village, 12 digits'], village, 'Y', '430121101201', id),
    field(
      6,
      'hh_type',
      ['家庭属性', 'ordinary, minimum living, destitute, registered poor'],
      code(12, 'hh_type'),
      'Y',
      '一般',
    ),
  ],
};

const member: Entity = {
  name: 'member',
  message: 'HhMember',
  tag: 18,
  table: 'hh_member',
  zh: '家庭成员 hh_member',
  en: 'household member (hh_member)',
  key: ['hh_ref', 'psn_no'],
  fields: [
    field(1, 'hh_ref', ['家庭参照号', 'household'], text(20), 'Y', 'HH0000000001'),
    field(2, 'psn_no', ['人员编号', 'person'], text(30), 'Y', '43008812345678901234'),
    field(3, 'mem_seq', ['成员序号', 'number of the member in the household'], text(2, /^\d{2}$/), 'Y', '01'),
    field(
      4,
      'rlts_to_head',
      ['与户主关系', 'relation to the head, GB/T 4761'],
      code(3, 'rlts_to_head'),
      'Y',
      '02',
      { rules: ['E05'] },
    ),
    field(5, 'begndate', ['开始日期', 'member since'], date, 'Y', '2016-01-01', { rules: ['E05'] }),
    field(6, 'enddate', ['结束日期', 'member until, not including'], date, 'C', '2026-01-01', {
      rules: ['E05'],
    }),
  ],
  check: checkMember,
};

const idLink: Entity = {
  name: 'id_link',
  message: 'PsnIdLink',
  tag: 19,
  table: 'psn_id_link',
  zh: '人员历史标识 psn_id_link',
  en: 'what once named the person (psn_id_link)',
  key: ['psn_no', 'id_kind', 'id_value'],
  fields: [
    field(1, 'psn_no', ['人员编号', 'person'], text(30), 'Y', '43008812345678901234'),
    field(
      2,
      'id_kind',
      ['标识类型', 'id18, id15, card_member (A), card_old (A), personal_no (B), ssc'],
      code(12, 'id_kind', ['id18', 'id15', 'card_member', 'card_old', 'personal_no', 'ssc']),
      'Y',
      'personal_no',
    ),
    field(3, 'id_value', ['标识值', 'the number itself'], text(50), 'Y', '0121000001', id),
    field(4, 'begndate', ['开始日期', 'in use since'], date, 'C', '2016-01-01'),
    field(5, 'enddate', ['结束日期', 'in use until, not including'], date, 'C', '2017-01-01'),
  ],
};

/** Identity data, and the only dataset that may hold it. */
export const persons: Dataset = {
  name: 'persons',
  message: 'PersonsRecord',
  schemaVersion: 1,
  zh: '参保人员与家庭',
  en: 'insured persons and households',
  owner: { en: 'the county of insurance', zh: '参保地' },
  identity: true,
  entities: [person, household, member, idLink],
  usual: 'person',
};
