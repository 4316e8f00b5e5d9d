import type { RuleId } from './rule.ts';

/**
 * A value inside the program: text and codes as strings; dates as days since 1970-01-01; date-times as
 * milliseconds since 1970 (UTC); money as fen; scaled decimals as integers; flags as booleans.
 */
export type Value = string | number | boolean | readonly Values[];
export interface Values {
  readonly [field: string]: Value | undefined;
}
/** The same while a row is being prepared. */
export type Draft = Record<string, Value | undefined>;

export type FieldType =
  | { readonly kind: 'text'; readonly max: number; readonly form?: RegExp; readonly formRule?: RuleId }
  /** A code of an importable table; `values` where the national standard is closed. */
  | {
      readonly kind: 'code';
      readonly max: number;
      readonly table: string;
      readonly values?: readonly string[];
    }
  | { readonly kind: 'date' }
  | { readonly kind: 'datetime' }
  | { readonly kind: 'money' }
  | { readonly kind: 'scaled'; readonly scale: number }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'flag' }
  | { readonly kind: 'list'; readonly message: string; readonly of: readonly Field[] };

export interface Field {
  /** Number in the protobuf message; never reused. */
  readonly tag: number;
  /** Name of the national interface; a few are this project's own. */
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  readonly type: FieldType;
  /** Y required, C required in some cases, - optional. */
  readonly required: 'Y' | 'C' | '-';
  /** A right value, as a clerk would type it. */
  readonly example: string;
  /** Identity data: allowed in the dataset persons alone, masked on screens. */
  readonly identity: boolean;
  /** Rules beside the reading of the type that look at this field. */
  readonly rules: readonly RuleId[];
}

export function field(
  tag: number,
  name: string,
  texts: readonly [zh: string, en: string],
  type: FieldType,
  required: Field['required'],
  example: string,
  more: { readonly identity?: boolean; readonly rules?: readonly RuleId[] } = {},
): Field {
  const [zh, en] = texts;
  return {
    tag,
    name,
    zh,
    en,
    type,
    required,
    example,
    identity: more.identity ?? false,
    rules: more.rules ?? [],
  };
}

export function text(max: number, form?: RegExp, formRule: RuleId = 'F02'): FieldType {
  return form === undefined ? { kind: 'text', max } : { kind: 'text', max, form, formRule };
}

export function code(max: number, table: string, values?: readonly string[]): FieldType {
  return values === undefined ? { kind: 'code', max, table } : { kind: 'code', max, table, values };
}

export function integer(min: number, max: number): FieldType {
  return { kind: 'integer', min, max };
}

export function scaled(scale: number): FieldType {
  return { kind: 'scaled', scale };
}

export function list(message: string, of: readonly Field[]): FieldType {
  return { kind: 'list', message, of };
}

export const date: FieldType = { kind: 'date' };
export const datetime: FieldType = { kind: 'datetime' };
export const money: FieldType = { kind: 'money' };
export const flag: FieldType = { kind: 'flag' };
/** Division code of county, pool or zone (GB/T 2260). */
export const admdvs: FieldType = text(6, /^\d{6}$/);
export const year: FieldType = text(4, /^(19|20|21)\d\d$/);
