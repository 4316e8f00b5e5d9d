import { nearest } from '../base/nearest.ts';
import { type EncodedBody, encodeBody } from './body.ts';
import { checkDraft } from './check-draft.ts';
import { type Dataset, type Entity, entityOf, printKey, type Report } from './dataset.ts';
import type { Draft, Field } from './field.ts';
import { identityNames } from './identity-names.ts';

import { readValue, Unreadable } from './read-value.ts';
import { recordLimits } from './record-limits.ts';
import { type Finding, type RuleContext, type RuleId, severityOf } from './rule.ts';
import { stampFields } from './stamp.ts';

export interface RowContext extends RuleContext {
  /** Raw values of common columns that the row itself does not give: src_sys, crter_id, opter_id … */
  readonly defaults: Readonly<Record<string, string>>;
}

/** A row as it came: strings of a CSV file or JSON values, by national field name. */
export type Raw = Readonly<Record<string, unknown>>;

export interface Prepared extends EncodedBody {
  readonly accepted: true;
  readonly entity: Entity;
  readonly key: string;
  /** What was listed (warn) or keeps the row from being effective (hold). */
  readonly warnings: readonly Finding[];
}

export interface Rejected {
  readonly accepted: false;
  /** Every finding of the row, at least one of them a reject. */
  readonly findings: readonly Finding[];
}

/**
 * The one way from a raw row to bytes: reads every field, normalises, applies the rules, encodes. The same
 * content always gives the same body and contentHash. Throws TB1506 for an unknown entity name.
 */
export function prepareRow(
  dataset: Dataset,
  entityName: string | undefined,
  raw: Raw,
  context: RowContext,
): Prepared | Rejected {
  const named = entityName ?? (typeof raw['entity'] === 'string' ? raw['entity'] : undefined);
  const entity = entityOf(dataset, named);
  const findings: Finding[] = [];
  let rejected = false;
  const report = (rule: RuleId, field: string, severity = severityOf(rule, context)): void => {
    // A value that could not be read is not missing as well; and one finding of a kind is enough.
    if (findings.some((known) => known.field === field && (known.rule === rule || rule === 'F01'))) return;
    findings.push({ rule, field, severity });
    if (severity === 'reject') rejected = true;
  };
  const draft = readFields(entity, raw, context, report);
  const known = namesOf(entity);
  for (const name in raw) {
    if (known.has(name) || raw[name] === undefined) continue;
    findings.push(unknownField(dataset, known, name));
    rejected = true;
  }
  for (const name of entity.key) if (draft[name] === undefined) report('F01', name, 'reject');
  entity.normalise?.(draft, report, context);
  checkDraft(dataset, entity, draft, report, context);
  // `rejected` is set inside `report`.
  if (rejected as boolean) return { accepted: false, findings };
  if (findings.length > 0) hold(draft, findings);
  const encoded = encodeBody(entity, draft);
  if (encoded.body.length > recordLimits.bodyBytes) {
    return { accepted: false, findings: [...findings, { rule: 'F03', field: '', severity: 'reject' }] };
  }
  return { accepted: true, entity, key: printKey(entity, draft), warnings: findings, ...encoded };
}

function readFields(entity: Entity, raw: Raw, context: RowContext, report: Report): Draft {
  const draft: Draft = {};
  const read = (field: Field, given: unknown): void => {
    const value = readValue(field.type, given);
    if (!(value instanceof Unreadable)) draft[field.name] = value;
    else {
      report(value.rule, field.name);
      // A held code or long text is kept as it came, so that nothing of a migrated row is lost.
      const kept = severityOf(value.rule, context) !== 'reject' && typeof given === 'string';
      draft[field.name] = kept ? given : undefined;
    }
  };
  for (const field of entity.fields) read(field, raw[field.name]);
  for (const field of stampFields) read(field, raw[field.name] ?? context.defaults[field.name]);
  // What an earlier version was held for says nothing about this one.
  draft['held_by'] = undefined;
  return draft;
}

const namesCache = new Map<Entity, ReadonlySet<string>>();

/** What a raw row may contain. */
function namesOf(entity: Entity): ReadonlySet<string> {
  let names = namesCache.get(entity);
  if (names === undefined) {
    names = new Set(['entity', ...[...entity.fields, ...stampFields].map((field) => field.name)]);
    namesCache.set(entity, names);
  }
  return names;
}

/** An identity field outside persons is a breach (N01), not a typing mistake. */
function unknownField(dataset: Dataset, known: ReadonlySet<string>, name: string): Finding {
  // Without a header line the names are values of the first row, which must not be repeated (I9).
  const field = name.length <= 40 && !/\d{6}/.test(name) ? name : '(…)';
  if (!dataset.identity && identityNames().has(name)) return { rule: 'N01', field, severity: 'reject' };
  const near = nearest(name, known);
  const unknown = { rule: 'F05', field, severity: 'reject' } as const;
  return near === undefined ? unknown : { ...unknown, nearest: near };
}

/** The rules that hold a row travel with it, so that every receiver knows that it is not effective. */
function hold(draft: Draft, findings: readonly Finding[]): void {
  const held = findings.filter((finding) => finding.severity === 'hold').map((finding) => finding.rule);
  draft['held_by'] = held.length === 0 ? undefined : [...new Set(held)].sort().join(',');
}
