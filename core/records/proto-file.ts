import type { Dataset, Entity } from './dataset.ts';
import type { Field, FieldType } from './field.ts';
import { handlingFields, sourceFields } from './stamp.ts';

/**
 * The .proto file of a dataset, printed from its definition. The files under proto/ are what integrators read
 * and what the breaking-change check guards; a test holds them against this text.
 */
export function printProto(dataset: Dataset): string {
  const lists = dataset.entities.flatMap((entity) =>
    entity.fields.filter((field) => field.type.kind === 'list'),
  );
  const parts = [
    fileComment(dataset),
    header('tongbu/v1/records/entry.proto'),
    bodyMessage(dataset),
    ...dataset.entities.map((entity) => message(entity.message, entityComment(entity), entity.fields)),
    ...lists.flatMap((field) =>
      field.type.kind === 'list'
        ? [message(field.type.message, `${field.zh}: ${field.en}.`, field.type.of)]
        : [],
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** RowSource and RowHandling, which stand in entry.proto below Entry. */
export function printStampMessages(): string {
  return [
    message(
      'RowSource',
      'Where a row comes from; part of the content that is compared and hashed.',
      sourceFields,
    ),
    message(
      'RowHandling',
      'Who wrote a row and when by the source; not part of the compared content.',
      handlingFields,
    ),
  ].join('\n\n');
}

function header(...imports: readonly string[]): string {
  const lines = imports.map((path) => `\nimport "${path}";`);
  return `syntax = "proto3";\n\npackage tongbu.v1.records;\n${lines.join('')}`;
}

function fileComment(dataset: Dataset): string {
  const rows = dataset.entities.map((entity) => entity.name).join(', ');
  return comment(
    [
      `Dataset ${dataset.name} (${dataset.zh}): ${dataset.en}. Written by ${dataset.owner.en} alone.`,
      '',
      `1. The owner puts one record (${rows}) into the body of an entry and appends the entry to its log.`,
      '2. A receiver stores the entry as it is, whatever it holds; it is signed.',
      '3. A follower reads the record. One that breaks a rule with severity reject is quarantined and its origin',
      '   told by mail; nothing else waits for it. The rule ids are named at the fields; beside them every field',
      '   may break F01 (required and missing), F02 (unreadable), F03 (too long), F04 (not in the code table).',
      '4. A delete entry has no body and voids the row; history stays in the log.',
      '',
      'Absent texts are not written. Dates are days since 1970-01-01, times are milliseconds since 1970 (UTC) and',
      'are shown in +08:00, money is fen, other decimals are integers of the scale that is named. Fields are',
      'written in the order of their numbers, so equal content has equal bytes.',
      '',
      'Printed from core/records by scripts/generate/write-proto.ts; change the definition there.',
    ],
    '',
  );
}

function bodyMessage(dataset: Dataset): string {
  const members = dataset.entities.flatMap((entity) => [
    ...comment([`${entity.zh}: ${entity.en}.`], '    ').split('\n'),
    `    ${entity.message} ${entity.name} = ${entity.tag};`,
  ]);
  return [
    `// Body of an entry of ${dataset.name}.`,
    `message ${dataset.message} {`,
    '  // Version of the row: 1 when new, +1 with every change, by the owner alone. Shown to people; the order of',
    '  // the log decides which entry is the newest, so a follower never compares it.',
    '  int64 ver = 1;',
    '  // Who wrote the row and when, by the source.',
    '  RowHandling handling = 2;',
    '  // Where the row comes from.',
    '  RowSource source = 3;',
    '  // Exactly one; it must be the one that the key of the entry names, else the entry is quarantined (F06).',
    '  oneof record {',
    ...members,
    '  }',
    '}',
  ].join('\n');
}

function entityComment(entity: Entity): string {
  return `${entity.zh}: ${entity.en}. Key: ${entity.key.join(' + ')}.`;
}

function message(name: string, about: string, fields: readonly Field[]): string {
  const lines = [comment([about], ''), `message ${name} {`];
  for (const field of fields) {
    lines.push(comment([fieldComment(field)], '  '));
    lines.push(`  ${protoType(field.type)} ${field.name} = ${field.tag};`);
  }
  return [...lines, '}'].join('\n');
}

function fieldComment(field: Field): string {
  const required = { Y: 'Required.', C: 'Required in some cases.', '-': 'Optional.' }[field.required];
  const identity = field.identity ? ' Identity data.' : '';
  const rules = field.rules.length === 0 ? '' : ` Wrong: ${field.rules.join(', ')}.`;
  return `${field.zh}: ${field.en}; ${typeText(field.type)}. ${required}${identity}${rules}`;
}

/** The type in words: unit and range. */
export function typeText(type: FieldType): string {
  switch (type.kind) {
    case 'text':
      return type.form === undefined ? `up to ${type.max} characters` : `form ${type.form.source}`;
    case 'code':
      if (type.values !== undefined && type.values.length <= 9) return `one of ${type.values.join(', ')}`;
      return `code of table ${type.table}, up to ${type.max} characters`;
    case 'date':
      return 'days since 1970-01-01';
    case 'datetime':
      return 'milliseconds since 1970 (UTC)';
    case 'money':
      return 'fen';
    case 'scaled':
      return `integer in units of 10^-${type.scale}`;
    case 'integer':
      return `${type.min} to ${type.max}`;
    case 'flag':
      return 'yes or no';
    case 'list':
      return 'in order';
  }
}

/** Presence is explicit for everything but texts, so that 0 and absent differ. */
export function protoType(type: FieldType): string {
  switch (type.kind) {
    case 'text':
    case 'code':
      return 'string';
    case 'date':
      return 'optional sint32';
    case 'flag':
      return 'optional bool';
    case 'list':
      return `repeated ${type.message}`;
    default:
      return 'optional int64';
  }
}

const columns = 110;

function comment(paragraphs: readonly string[], indent: string): string {
  const lines: string[] = [];
  for (const paragraph of paragraphs) {
    let line = `${indent}//`;
    for (const word of paragraph === '' ? [] : paragraph.split(/(?<=\S) (?=\S)/)) {
      if (line.length + word.length + 1 > columns) {
        lines.push(line);
        line = `${indent}//`;
      }
      line += ` ${word}`;
    }
    lines.push(line);
  }
  return lines.join('\n');
}
