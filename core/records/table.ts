import { fault } from '../base/errors.ts';
import { columnsOf, readBody } from './body.ts';
import type { Entity } from './dataset.ts';
import type { Draft, Field, Value } from './field.ts';

/**
 * The record table of an entity: key columns first, then the fields, source, handling and `ver`. Dates are
 * days since 1970, times milliseconds, money fen, lists JSON. Only the key is NOT NULL: held rows may lack
 * anything else. `extra` column definitions of the caller (entry index, content hash …) stand at the end.
 */
export function createTableSql(entity: Entity, extra: readonly string[] = []): string {
  const columns = columnsOf(entity).fields.map((field) => {
    const key = entity.key.includes(field.name) ? ' NOT NULL' : '';
    return `${field.name} ${sqlType(field)}${key}`;
  });
  columns.push('ver INTEGER NOT NULL', ...extra, `PRIMARY KEY (${entity.key.join(', ')})`);
  return `CREATE TABLE IF NOT EXISTS ${entity.table} (\n  ${columns.join(',\n  ')}\n) STRICT, WITHOUT ROWID`;
}

/** Column names in the order of `tableRow`. */
export function tableColumns(entity: Entity): string[] {
  return [...columnsOf(entity).fields.map((field) => field.name), 'ver'];
}

/** One `?` for each column, then for each extra column name. The newest row of a key replaces the older. */
export function upsertSql(entity: Entity, extra: readonly string[] = []): string {
  const names = [...tableColumns(entity), ...extra];
  const marks = names.map(() => '?').join(', ');
  return `INSERT OR REPLACE INTO ${entity.table} (${names.join(', ')}) VALUES (${marks})`;
}

/** Bound with the values of `parseKey`. */
export function deleteSql(entity: Entity): string {
  return `DELETE FROM ${entity.table} WHERE ${entity.key.map((name) => `${name} = ?`).join(' AND ')}`;
}

export type Cell = string | number | null;

/** The values of a row in column order, straight from the bytes. Throws TB1511 when they are no such body. */
export function tableRow(entity: Entity, body: Uint8Array): Cell[] {
  const columns = columnsOf(entity);
  const slots = new Array<unknown>(columns.fields.length + 1).fill(null);
  const ver = readBody(body, slots, (tag) => {
    if (tag !== entity.tag) throw fault('TB1511', { what: 'record' });
    return columns;
  });
  for (let i = 0; i < slots.length; i += 1) {
    const value = slots[i];
    if (typeof value === 'boolean') slots[i] = value ? 1 : 0;
    else if (typeof value === 'object' && value !== null) slots[i] = JSON.stringify(value);
  }
  slots[slots.length - 1] = ver;
  return slots as Cell[];
}

/** What `tableRow` put into a row, as values again; absent fields are undefined. */
export function valuesOf(entity: Entity, row: Readonly<Record<string, unknown>>): Draft {
  const values: Draft = {};
  for (const { name, type } of columnsOf(entity).fields) {
    const cell = row[name];
    if (cell === null || cell === undefined) continue;
    if (type.kind === 'flag') values[name] = cell === 1;
    else if (type.kind === 'list') values[name] = JSON.parse(String(cell)) as Value;
    else values[name] = cell as Value;
  }
  return values;
}

function sqlType(field: Field): 'TEXT' | 'INTEGER' {
  const { kind } = field.type;
  return kind === 'text' || kind === 'code' || kind === 'list' ? 'TEXT' : 'INTEGER';
}
