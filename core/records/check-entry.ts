import { Fault } from '../base/errors.ts';
import { decodeBody } from './body.ts';
import { checkDraft } from './check-draft.ts';
import { type Dataset, parseKey, printKey } from './dataset.ts';
import type { Entry } from './entry.ts';
import { printValue } from './print-value.ts';
import { readValue, Unreadable } from './read-value.ts';
import { type Finding, type RuleContext, type RuleId, severityOf } from './rule.ts';

/**
 * What a receiver's follower finds wrong in an entry (I11: it is stored all the same). A finding with
 * severity reject means quarantine; F06 on `key` or the empty field means that the bytes are no such entry.
 */
export function checkEntry(dataset: Dataset, entry: Entry, context: RuleContext): Finding[] {
  const findings: Finding[] = [];
  const report = (rule: RuleId, field: string, severity = severityOf(rule, context)): void => {
    findings.push({ rule, field, severity });
  };
  try {
    const named = parseKey(dataset, entry.key);
    if (entry.operation === 'delete') return findings;
    const { entity, values } = decodeBody(dataset, entry.body);
    const keyed = entity.key.every((name) => values[name] !== undefined);
    if (entity !== named.entity || !keyed || printKey(entity, values) !== entry.key) {
      report('F06', 'key', 'reject');
      return findings;
    }
    const held = values['held_by'];
    const heldRules = typeof held === 'string' ? held.split(',') : [];
    // What the owner already holds is not found again.
    const fresh = (rule: RuleId, field: string, severity?: Finding['severity']): void => {
      if (!heldRules.includes(rule)) report(rule, field, severity);
    };
    for (const { name, type } of entity.fields) {
      const value = values[name];
      if (value === undefined || type.kind === 'list') continue;
      const read = readValue(type, printValue(type, value));
      if (read instanceof Unreadable) fresh(read.rule, name);
    }
    checkDraft(dataset, entity, values, fresh, context);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    report('F06', '', 'reject');
  }
  return findings;
}
