import type { Dataset, Entity, Report } from './dataset.ts';
import type { Draft, Field } from './field.ts';
import { containsIdNumber } from './id-number.ts';
import type { RuleContext } from './rule.ts';
import { handlingFields, sourceFields } from './stamp.ts';

/** An ID number has 18 characters; shorter texts are not searched. */
const idLength = 18;
/** Characters from which a text is free text. */
const freeText = 100;
const stampRequired = [...sourceFields, ...handlingFields].filter((field) => field.required === 'Y');
/** Missing ones are listed by E06 instead when the row is migrated. */
const listedWhenMigrated = new Set(['naty', 'certno']);

/** The rules on one row, just read or out of an entry: required, codes, identity, the entity's own. */
export function checkDraft(
  dataset: Dataset,
  entity: Entity,
  draft: Draft,
  report: Report,
  context: RuleContext,
): void {
  for (const field of entity.fields) {
    const { name, type } = field;
    const value = draft[name];
    if (value === undefined) {
      if (field.required !== 'Y') continue;
      if (context.migrated && listedWhenMigrated.has(name)) report('E06', name);
      else report('F01', name);
    } else if (type.kind === 'code' && context.codeKnown?.(type.table, String(value)) === false) {
      report('F04', name);
    }
  }
  for (const { name } of stampRequired) if (draft[name] === undefined) report('F01', name);
  if (!dataset.identity) checkIdentity(entity, draft, report);
  entity.check?.(draft, report, context);
}

function checkIdentity(entity: Entity, draft: Draft, report: Report): void {
  for (const { name } of searchedOf(entity)) {
    const value = draft[name];
    if (typeof value !== 'string' || value.length < idLength || !containsIdNumber(value)) continue;
    report(name === 'psn_no' || name === 'hh_ref' ? 'N02' : 'N01', name);
  }
}

const searchedCache = new Map<Entity, readonly Field[]>();

/**
 * Where an ID number might hide: free texts, references to persons, numbers of the source. An own number of
 * area, date and serial looks like an ID number one time in eleven, so keys are not searched.
 */
function searchedOf(entity: Entity): readonly Field[] {
  let searched = searchedCache.get(entity);
  if (searched === undefined) {
    searched = [...entity.fields, ...sourceFields].filter(
      ({ type, rules }) =>
        type.kind === 'text' && (type.max >= freeText || rules.includes('N01') || rules.includes('N02')),
    );
    searchedCache.set(entity, searched);
  }
  return searched;
}
