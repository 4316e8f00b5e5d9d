import { assert } from '../base/assert.ts';
import { fault } from '../base/errors.ts';
import type { Text } from '../base/language.ts';
import { parseDate, printDate } from './calendar.ts';
import type { Draft, Field } from './field.ts';
import type { RuleContext, RuleId, Severity } from './rule.ts';

/** How a check speaks: the rule, the field, and a severity only where it is not the rule's own. */
export type Report = (rule: RuleId, field: string, severity?: Severity) => void;

/** One kind of row of a dataset: one message, one table. Everything else is derived from it. */
export interface Entity extends Text {
  /** First part of the entry key, name of the oneof member. */
  readonly name: string;
  /** Protobuf message, and its number in the oneof `record`. */
  readonly message: string;
  readonly tag: number;
  readonly table: string;
  /** Fields that together name a row inside its log, in order. */
  readonly key: readonly string[];
  readonly fields: readonly Field[];
  /** Its table is read in order of the log as well as by key. */
  readonly inOrder?: true;
  /** Brings values into their one right form before they are checked (P04), and derives fields (flags). */
  readonly normalise?: (draft: Draft, report: Report, context: RuleContext) => void;
  /** The rules that can be decided on one row. */
  readonly check?: (draft: Draft, report: Report, context: RuleContext) => void;
}

export interface Dataset extends Text {
  /** Last part of the log's name: `430121/<name>`. */
  readonly name: string;
  /** Protobuf message of the entry's body. */
  readonly message: string;
  readonly schemaVersion: number;
  /** Who writes it, for the dictionary and the proto comments. */
  readonly owner: Text;
  /** Holds identity data: entries carry a salt, so that a leaf hash tells nothing. */
  readonly identity: boolean;
  readonly entities: readonly Entity[];
  /** The entity of a row that does not say which; a dataset of one entity needs none. */
  readonly usual?: string;
}

/** The entity of a name; without a name, the only or the usual one of the dataset. Throws TB1506. */
export function entityOf(dataset: Dataset, name: string | undefined): Entity {
  const [first] = dataset.entities;
  assert(first !== undefined, 'a dataset without an entity');
  if (name === undefined && dataset.entities.length === 1) return first;
  const wanted = name ?? dataset.usual;
  const found = dataset.entities.find((entity) => entity.name === wanted);
  if (found !== undefined) return found;
  const known = dataset.entities.map((entity) => entity.name).join(', ');
  throw fault('TB1506', { dataset: dataset.name, entities: known });
}

/** `line/<mdtrt_id>/<feedetl_sn>`; dates as YYYY-MM-DD; a slash or percent sign inside a part is escaped. */
export function printKey(entity: Entity, draft: Draft): string {
  let key = entity.name;
  for (const name of entity.key) {
    const value = draft[name];
    assert(typeof value === 'string' || typeof value === 'number', `key field ${name} is missing`);
    const part = typeof value === 'number' ? printDate(value) : value;
    key += `/${/[%/]/.test(part) ? part.replaceAll('%', '%25').replaceAll('/', '%2F') : part}`;
  }
  return key;
}

/** What a key names: the entity and its key columns in order. Throws TB1512 for a key of another shape. */
export function parseKey(dataset: Dataset, key: string): { entity: Entity; values: (string | number)[] } {
  const [name, ...parts] = key.split('/');
  const entity = dataset.entities.find((candidate) => candidate.name === name);
  if (entity === undefined || parts.length !== entity.key.length || parts.includes('')) {
    throw fault('TB1512', { dataset: dataset.name });
  }
  const values = parts.map((part, i) => {
    const type = entity.fields.find((field) => field.name === entity.key[i])?.type;
    if (type?.kind !== 'date') return part.replaceAll('%2F', '/').replaceAll('%25', '%');
    const day = parseDate(part);
    if (day === undefined) throw fault('TB1512', { dataset: dataset.name });
    return day;
  });
  return { entity, values };
}
