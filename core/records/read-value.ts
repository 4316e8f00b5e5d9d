import { parseDate, parseDateTime } from './calendar.ts';
import { parseDecimal } from './decimal.ts';
import type { Draft, Field, FieldType, Value } from './field.ts';
import type { RuleId } from './rule.ts';

/** A value that could not be read, with the rule that says why. */
export class Unreadable {
  readonly rule: RuleId;
  constructor(rule: RuleId) {
    this.rule = rule;
  }
}

const form = new Unreadable('F02');
const tooLong = new Unreadable('F03');
const noSuchCode = new Unreadable('F04');
const unknownField = new Unreadable('F05');
const tooManyDecimals = new Unreadable('S09');

export const moneyScale = 2;
/** Elements of a list field: a visit has a few dozen diagnoses; bounds what one row makes us build (I7). */
const listElementsMax = 500;
const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/**
 * Reads one raw value (a string of a CSV file, or what JSON gives) as the field's type. Undefined: absent.
 * JSON numbers are read from their shortest decimal text, so 12.34 is 1234 fen exactly.
 */
export function readValue(type: FieldType, raw: unknown): Value | undefined | Unreadable {
  if (raw === undefined || raw === null || raw === '') return undefined;
  if (type.kind === 'list') return readList(type.of, raw);
  if (typeof raw !== 'string' && typeof raw !== 'number' && typeof raw !== 'boolean') return form;
  const given = typeof raw === 'string' ? raw : String(raw);
  let text = given;
  if (!plain.test(given)) {
    text = given.trim();
    if (text === '') return undefined;
    if (control.test(text) || !text.isWellFormed()) return form;
    text = text.normalize('NFC');
  }
  return readText(type, text);
}

function readText(type: Exclude<FieldType, { kind: 'list' }>, text: string): Value | Unreadable {
  switch (type.kind) {
    case 'text':
      if (text.length > type.max && [...text].length > type.max) return tooLong;
      if (type.form !== undefined && !type.form.test(text)) return form;
      return text;
    case 'code':
      if (text.length > type.max) return tooLong;
      if (type.values !== undefined && !type.values.includes(text)) return noSuchCode;
      return text;
    case 'date':
      return parseDate(text) ?? form;
    case 'datetime':
      return parseDateTime(text) ?? form;
    case 'money':
      return decimal(text, moneyScale);
    case 'scaled':
      return decimal(text, type.scale);
    case 'integer': {
      const value = parseDecimal(text, 0);
      return typeof value === 'number' && value >= type.min && value <= type.max ? value : form;
    }
    case 'flag':
      return flagTexts.get(text.toLowerCase()) ?? form;
  }
}

const flagTexts = new Map([
  ['1', true],
  ['0', false],
  ['true', true],
  ['false', false],
  ['y', true],
  ['n', false],
  ['是', true],
  ['否', false],
]);

function decimal(text: string, scale: number): number | Unreadable {
  const value = parseDecimal(text, scale);
  if (value === 'scale') return tooManyDecimals;
  return value === 'form' ? form : value;
}

/** A list comes as JSON: an array, or in a CSV cell its text. */
function readList(of: readonly Field[], raw: unknown): Value | undefined | Unreadable {
  const elements = typeof raw === 'string' ? parseJson(raw) : raw;
  if (!Array.isArray(elements) || elements.length > listElementsMax) return form;
  if (elements.length === 0) return undefined;
  const values: Draft[] = [];
  for (const element of elements as unknown[]) {
    if (typeof element !== 'object' || element === null || Array.isArray(element)) return form;
    const given = element as Readonly<Record<string, unknown>>;
    const draft: Draft = {};
    for (const { name, type, required } of of) {
      const value = readValue(type, given[name]);
      if (value instanceof Unreadable) return value;
      if (value === undefined && required === 'Y') return form;
      draft[name] = value;
    }
    if (Object.keys(given).some((name) => !Object.hasOwn(draft, name))) return unknownField;
    values.push(draft);
  }
  return values;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
