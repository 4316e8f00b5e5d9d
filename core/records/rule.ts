import type { Text } from '../base/language.ts';

/**
 * What happens to a row that breaks a rule: `reject` refused, `hold` kept but not effective until cured,
 * `warn` accepted and listed. (`case` needs a second row and is opened by screening, not here.)
 */
export type Severity = 'reject' | 'hold' | 'warn';

export interface Rule extends Text {
  /** Default; a province's parameters may choose another one (`RuleContext.severities`). */
  readonly severity: Severity;
  /** What a migrated row gets instead: history must arrive complete, so reject becomes hold unless said. */
  readonly migrated?: Severity;
}

/** F-rules are about reading a row at all and are ours; every other id is one of the published rule list. */
export const rules = {
  F01: { severity: 'reject', en: 'a required field is missing', zh: '必填字段缺失' },
  F02: { severity: 'reject', migrated: 'reject', en: 'the value cannot be read', zh: '字段值无法识别' },
  F03: { severity: 'reject', en: 'the text is too long', zh: '文本超长' },
  F04: { severity: 'reject', en: 'the code is not in its code table', zh: '代码不在代码表内' },
  F05: { severity: 'reject', migrated: 'reject', en: 'no such field', zh: '没有该字段' },
  F06: { severity: 'reject', migrated: 'reject', en: 'the row is cut or joined', zh: '该行不完整或被合并' },
  F07: {
    severity: 'reject',
    migrated: 'reject',
    en: 'the key stands in this file already, with other content',
    zh: '本文件中已有同一主键而内容不同的行',
  },
  N01: {
    severity: 'reject',
    migrated: 'reject',
    en: 'identity data (name, ID number, card, phone …) outside persons',
    zh: '人员库以外的数据含有身份信息(姓名、证件号、卡号、电话等)',
  },
  N02: {
    severity: 'reject',
    migrated: 'reject',
    en: 'the reference number contains part of an ID, card or village number',
    zh: '编号中含有证件号、卡号或村级区划的一部分',
  },
  P01: {
    severity: 'reject',
    migrated: 'warn',
    en: 'ID number: wrong check character, or it contradicts birth date or sex',
    zh: '身份证号校验位错误,或与出生日期、性别不符',
  },
  P02: { severity: 'warn', en: 'the area of the ID number was never assigned', zh: '身份证号地区码从未使用' },
  P03: {
    severity: 'reject',
    en: 'impossible birth or death date (future, over 120 years, death before birth)',
    zh: '出生或死亡日期不合理(晚于今天、超过 120 岁、死亡早于出生)',
  },
  P04: {
    severity: 'warn',
    en: 'name was normalised, or contains replacement characters',
    zh: '姓名已规范化,或含有替代字符',
  },
  E03: {
    severity: 'hold',
    en: 'own contribution + subsidies + aid differ from the standard per head',
    zh: '个人缴费 + 补助 + 资助 与当年人均筹资标准不符',
  },
  E04: {
    severity: 'reject',
    en: 'insurance year and benefit period or payment date do not fit',
    zh: '参保年度与待遇享受期或缴费时间不符',
  },
  E05: {
    severity: 'hold',
    en: 'relation or dates within the household are wrong',
    zh: '家庭关系或起止日期有误',
  },
  E06: { severity: 'warn', en: 'basic information is incomplete', zh: '基础信息不完整' },
  C01: { severity: 'reject', en: 'validity ends before it begins', zh: '失效日期不晚于生效日期' },
  V01: { severity: 'hold', en: 'times of visit and charge contradict', zh: '就诊与费用时间矛盾' },
  V04: { severity: 'hold', en: 'not a diagnosis of the insurance edition', zh: '诊断编码不是医保版编码' },
  L01: {
    severity: 'reject',
    en: 'quantity × price differs from the amount by more than 0.01, or a return names no earlier line',
    zh: '数量×单价与金额相差超过 0.01 元,或退费未注明原明细',
  },
  L02: {
    severity: 'reject',
    en: 'not a valid catalogue code on the date of the charge',
    zh: '费用发生日目录编码无效',
  },
  L03: {
    severity: 'reject',
    en: 'own share outside 0..1, or the four parts do not add up to the amount',
    zh: '自付比例不在 0 至 1 之间,或四部分之和不等于金额',
  },
  L04: {
    severity: 'hold',
    en: 'the line number occurs twice in the visit',
    zh: '同一就诊内费用明细流水号重复',
  },
  S01: { severity: 'reject', en: 'total of the claim differs from its lines', zh: '总费用与明细合计不符' },
  S09: {
    severity: 'reject',
    migrated: 'reject',
    en: 'too many decimals (money 2, quantity 4, price 6)',
    zh: '小数位过多(金额 2 位、数量 4 位、单价 6 位)',
  },
} as const satisfies Record<string, Rule>;

export type RuleId = keyof typeof rules;

/** One broken rule of one row. It carries names and ids, never a value (I9). */
export interface Finding {
  readonly rule: RuleId;
  /** National field name, or the column of the file where no field is known; empty for the whole row. */
  readonly field: string;
  readonly severity: Severity;
  /** For F05: the right name that is nearest. */
  readonly nearest?: string;
}

/** What rules may ask about the world beside the row. Absent tables are not checked. */
export interface RuleContext {
  /** Today in the site's zone (+08:00), days since 1970-01-01. */
  readonly today: number;
  /** The row was taken over from a legacy system: it is history and is kept with its faults listed. */
  readonly migrated: boolean;
  /** Admits ID numbers with the never assigned area 99xxxx, for demonstrations and tests. */
  readonly testIds: boolean;
  /** Whether a 6-digit division code was in force at some time (P02). */
  readonly divisionKnown?: (admdvs: string) => boolean;
  /** Whether a table knows a code; undefined when the table is not loaded. */
  readonly codeKnown?: (table: string, code: string) => boolean | undefined;
  /** Whether the catalogue has an item on a day (L02); days since 1970-01-01. */
  readonly itemKnown?: (code: string, day: number) => boolean;
  /** Yearly standard per head in fen (E03); undefined when the pool has none. */
  readonly perHead?: (insuYear: string, poolarea: string, psnType: string) => number | undefined;
  /** The province's choice of severities. */
  readonly severities?: Readonly<Partial<Record<RuleId, Severity>>>;
}

export function severityOf(rule: RuleId, context: RuleContext): Severity {
  const entry: Rule = rules[rule];
  const severity = context.severities?.[rule] ?? entry.severity;
  if (!context.migrated) return severity;
  return entry.migrated ?? (severity === 'reject' ? 'hold' : severity);
}
