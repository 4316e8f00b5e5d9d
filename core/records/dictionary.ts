import type { Language } from '../base/errors.ts';
import type { Dataset, Entity } from './dataset.ts';
import type { Field } from './field.ts';
import { typeText } from './proto-file.ts';
import { rules } from './rule.ts';
import { handlingFields, sourceFields } from './stamp.ts';

/**
 * The printed field dictionary of a dataset (S0.20): for clerks and integrators as Markdown, for programs as
 * JSON (format version in `dictionary`).
 */
export function printDictionary(dataset: Dataset, language: Language, format: 'markdown' | 'json'): string {
  if (format === 'json') return `${JSON.stringify(dictionaryOf(dataset), null, 2)}\n`;
  const lines = [`# ${dataset.name} · ${dataset[language]}`, ''];
  const zh = language === 'zh';
  lines.push(`${zh ? '写入方' : 'Written by'}: ${dataset.owner[language]}`, '');
  for (const entity of dataset.entities) lines.push(...section(entity, zh));
  lines.push(`## ${zh ? '每条记录的公共字段' : 'Common to every row'}`, '');
  lines.push(...table([...sourceFields, ...handlingFields], zh));
  lines.push('', `## ${zh ? '规则' : 'Rules'}`, '', ...ruleTable(dataset, language));
  return `${lines.join('\n')}\n`;
}

function section(entity: Entity, zh: boolean): string[] {
  const keys = `${zh ? '主键' : 'Key'}: ${entity.key.join(' + ')}`;
  const lines = [
    `## ${entity.name} · ${zh ? entity.zh : entity.en}`,
    '',
    keys,
    '',
    ...table(entity.fields, zh),
  ];
  for (const { name, type } of entity.fields) {
    if (type.kind === 'list') lines.push('', `### ${name}[]`, '', ...table(type.of, zh));
  }
  return [...lines, ''];
}

function table(fields: readonly Field[], zh: boolean): string[] {
  const head = zh
    ? ['字段', '名称', '类型', '必填', '示例', '规则']
    : ['field', 'meaning', 'type', 'required', 'example', 'rules'];
  return [
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...fields.map((field) => {
      const cells = [
        field.name,
        (zh ? field.zh : field.en) + (field.identity ? (zh ? '(身份信息)' : ' (identity)') : ''),
        field.type.kind === 'text' || field.type.kind === 'code' || field.type.kind === 'integer'
          ? typeText(field.type)
          : typeName(field.type.kind, zh),
        field.required,
        field.example,
        field.rules.join(' '),
      ];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
  ];
}

function typeName(kind: string, zh: boolean): string {
  const names: Readonly<Record<string, readonly [zh: string, en: string]>> = {
    date: ['日期 YYYY-MM-DD', 'date YYYY-MM-DD'],
    datetime: ['日期时间 YYYY-MM-DD HH:mm:ss(+08:00)', 'date and time, +08:00'],
    money: ['金额(元,两位小数)', 'amount in yuan, two decimals'],
    scaled: ['小数', 'decimal'],
    flag: ['标志 1/0', 'flag 1/0'],
    list: ['JSON 数组', 'JSON array'],
  };
  return names[kind]?.[zh ? 0 : 1] ?? kind;
}

function ruleTable(dataset: Dataset, language: Language): string[] {
  const used = new Set(['F01', 'F02', 'F03', 'F04', 'F05', 'F06', dataset.identity ? 'N02' : 'N01']);
  for (const entity of dataset.entities) {
    for (const field of entity.fields) for (const rule of field.rules) used.add(rule);
  }
  return [
    language === 'zh' ? '| 规则 | 含义 | 处理 |' : '| rule | meaning | severity |',
    '| --- | --- | --- |',
    ...Object.entries(rules)
      .filter(([id]) => used.has(id))
      .map(([id, rule]) => `| ${id} | ${rule[language]} | ${rule.severity} |`),
  ];
}

function dictionaryOf(dataset: Dataset): unknown {
  const { name, zh, en, owner, schemaVersion, identity } = dataset;
  const fieldOf = (field: Field): unknown => ({
    name: field.name,
    zh: field.zh,
    en: field.en,
    type: field.type.kind === 'list' ? 'list' : field.type.kind,
    form: typeText(field.type),
    ...(field.type.kind === 'list' ? { of: field.type.of.map(fieldOf) } : {}),
    required: field.required,
    identity: field.identity,
    example: field.example,
    rules: field.rules,
    tag: field.tag,
  });
  return {
    dictionary: 1,
    dataset: name,
    zh,
    en,
    owner,
    schemaVersion,
    identity,
    entities: dataset.entities.map((entity) => ({
      name: entity.name,
      zh: entity.zh,
      en: entity.en,
      message: entity.message,
      table: entity.table,
      key: entity.key,
      fields: entity.fields.map(fieldOf),
    })),
    common: [...sourceFields, ...handlingFields].map(fieldOf),
    rules: Object.fromEntries(
      Object.entries(rules).map(([id, rule]) => [id, { severity: rule.severity, zh: rule.zh, en: rule.en }]),
    ),
  };
}
