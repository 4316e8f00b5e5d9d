import type { Dataset, Entity } from './dataset.ts';
import { code, type Field, field, text } from './field.ts';

/** What an act can be about; a new kind is a line here, so that no caller invents one. */
export const actKinds = [
  'approval',
  'authority',
  'break-glass',
  'call',
  'ceremony',
  'certificate',
  'contract',
  'drill',
  'enrolment',
  'export',
  'journal',
  'keys',
  'login',
  'publish',
  'refusal',
  'restart',
  'server-password',
] as const;

export type ActKind = (typeof actKinds)[number];

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const fields: readonly Field[] = [
  field(1, 'act_no', ['编号', 'time and eight random digits'], text(40), 'Y', '20261122T021530123Z-1a2b3c4d'),
  field(2, 'act_time', ['时间', 'when, UTC'], text(24, instant), 'Y', '2026-11-22T02:15:30.123Z'),
  field(3, 'act_kind', ['类别', 'what kind of act'], code(20, 'act_kind', actKinds), 'Y', 'ceremony'),
  field(4, 'act_step', ['动作', 'what was done, one word'], text(40, /^[a-z0-9-]+$/), 'Y', 'share-entered'),
  field(
    5,
    'actor',
    ['操作者', 'role/name@site of the certificate, or `site` for what the program does by itself'],
    text(80),
    'Y',
    'officer/zhao@430121',
  ),
  field(6, 'cert_fpr', ['证书指纹', 'SHA-256 of the certificate, hex'], text(64), '-', 'ab'.repeat(32)),
  field(7, 'from_addr', ['来源地址', 'address of the caller'], text(64), '-', '10.0.0.7'),
  field(
    8,
    'subject',
    ['对象', 'what it was done to: method, log, ceremony, certificate'],
    text(300),
    '-',
    '430121/claims',
  ),
  field(9, 'result', ['结果', '`ok`, an error code, or one word'], text(40), 'Y', 'ok'),
  field(10, 'reason', ['原因', 'as the person gave it; masked'], text(400), '-', 'quarterly drill'),
  field(11, 'detail', ['详情', 'anything more that proves it; masked'], text(4000), '-', ''),
];

const act: Entity = {
  name: 'act',
  message: 'Act',
  tag: 16,
  table: 'audit_act',
  zh: '审计记录',
  en: 'act: who did what, when, why, and with which result',
  key: ['act_no'],
  inOrder: true,
  fields,
};

/** What happened at a site, in its own signed log: it can't be changed unnoticed, and the province has it. */
export const audit: Dataset = {
  name: 'audit',
  message: 'AuditRecord',
  schemaVersion: 1,
  zh: '审计日志',
  en: 'audit log',
  owner: { en: 'every site', zh: '各站点' },
  identity: false,
  entities: [act],
};
