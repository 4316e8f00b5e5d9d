import { columnsOf, decodeBody } from './body.ts';
import type { Dataset, Entity } from './dataset.ts';
import type { Draft } from './field.ts';
import { maskIdentity } from './mask-identity.ts';
import { type Printed, printValue } from './print-value.ts';

export interface RecordView {
  readonly entity: string;
  readonly ver: number;
  readonly fields: Readonly<Record<string, Printed>>;
}

/**
 * A record for JSON and for tables on a screen, by national field names. Identity is masked unless the caller
 * has the right to see it; to show it is an act that the caller records in `audit`. Throws TB1511.
 */
export function recordView(dataset: Dataset, body: Uint8Array, identity: 'masked' | 'shown'): RecordView {
  const { entity, ver, values } = decodeBody(dataset, body);
  return viewOf(entity, ver, values, identity);
}

/** The same of values that stand in a record table. */
export function viewOf(entity: Entity, ver: number, values: Draft, identity: 'masked' | 'shown'): RecordView {
  const fields: Record<string, Printed> = {};
  for (const field of columnsOf(entity).fields) {
    const value = values[field.name];
    if (value === undefined) continue;
    const printed = printValue(field.type, value);
    fields[field.name] =
      field.identity && identity === 'masked' ? maskIdentity(field.name, printed) : printed;
  }
  return { entity: entity.name, ver, fields };
}
