import { fault } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { Entity } from './dataset.ts';
import { identityNames } from './identity-names.ts';

import { stampFields } from './stamp.ts';

/** From our field names to the column names of a file: what `--map FILE` holds. */
export type ColumnMap = Readonly<Record<string, string>>;

/** Columns of a file of rejects that are about the rejection; readers leave them out. */
export const rejectColumn = /^#/;

/** Throws TB1505 for what is no map of known fields to column names. */
export function parseColumnMap(path: string, text: string, entity: Entity): ColumnMap {
  const wrong = (what: string) => fault('TB1505', { path, what, dataset: entity.name });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw wrong('JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw wrong('{ }');
  const names = fieldNames(entity);
  for (const [name, column] of Object.entries(parsed)) {
    if (!names.has(name)) throw wrong(name.slice(0, 40));
    if (typeof column !== 'string') throw wrong(name);
  }
  return parsed as ColumnMap;
}

/**
 * The field of every column: by the map first, else by national name or Chinese name, case and blanks apart.
 * Undefined for columns that are left out: those of a file of rejects, and all that a map does not name.
 * Throws TB1502 without any known column, TB1503 for an unknown one, TB1504 for one field twice.
 */
export function matchColumns(
  path: string,
  header: readonly string[],
  entity: Entity,
  map: ColumnMap | undefined,
): (string | undefined)[] {
  const byColumn = new Map(Object.entries(map ?? {}).map(([name, column]) => [fold(column), name]));
  const byName = new Map([...allFields(entity)].map((field) => [fold(field.name), field.name]));
  const byText = new Map([...allFields(entity)].map((field) => [fold(field.zh), field.name]));
  const matched = header.map((column) => {
    const key = fold(column);
    return byColumn.get(key) ?? byName.get(key) ?? byText.get(key);
  });
  if (matched.every((name) => name === undefined)) {
    throw fault('TB1502', {
      path,
      example: entity.fields
        .slice(0, 3)
        .map((field) => field.name)
        .join(','),
    });
  }
  const used = new Set<string>();
  return header.map((column, i) => {
    if (rejectColumn.test(column)) return undefined;
    // An identity column outside persons is passed on, so that every row of it is refused by N01.
    const name = matched[i] ?? (identityNames().has(fold(column)) ? fold(column) : undefined);
    if (name === undefined) {
      if (map !== undefined) return undefined;
      throw unknownColumn(path, column, entity);
    }
    if (used.has(name)) throw fault('TB1504', { path, field: name });
    used.add(name);
    return name;
  });
}

function unknownColumn(path: string, column: string, entity: Entity): Error {
  const near = nearest(column, fieldNames(entity)) ?? entity.key[0] ?? '';
  const shown = /\d{6}/.test(column) ? '(…)' : column.slice(0, 40);
  return fault('TB1503', { path, column: shown, nearest: near });
}

function allFields(entity: Entity): { readonly name: string; readonly zh: string }[] {
  return [...entity.fields, ...stampFields, { name: 'entity', zh: '记录类型' }];
}

function fieldNames(entity: Entity): Set<string> {
  return new Set(allFields(entity).map((field) => field.name));
}

function fold(column: string): string {
  return column.normalize('NFKC').replaceAll(/\s/g, '').toLowerCase();
}
