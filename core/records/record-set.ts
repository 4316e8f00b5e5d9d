import type { Draft } from './field.ts';
import type { RuleContext, RuleId, Severity } from './rule.ts';
import { severityOf } from './rule.ts';

/** One charge batch as it stands in `claims`: values by field name, as `decodeBody` gives them. */
export interface ClaimSet {
  readonly visit: Draft;
  readonly claim: Draft;
  readonly lines: readonly Draft[];
}

export interface SetFinding {
  readonly rule: RuleId;
  readonly field: string;
  readonly severity: Severity;
  /** Index in `lines`; undefined for the visit or the claim. */
  readonly line?: number;
}

/** Outpatients' charges may follow up to a day after the end of the visit (V01). */
const graceMs = 24 * 3_600_000;

/** The rules that need visit, claim and lines together: V01, L01 (returns), L04, S01. */
export function checkClaimSet(set: ClaimSet, context: RuleContext): SetFinding[] {
  const findings: SetFinding[] = [];
  const report = (rule: RuleId, field: string, line?: number): void => {
    const severity = severityOf(rule, context);
    findings.push(line === undefined ? { rule, field, severity } : { rule, field, severity, line });
  };
  const begin = numberOf(set.visit, 'begntime');
  const end = numberOf(set.visit, 'endtime');
  const quantities = new Map<unknown, number>();
  let total = 0;
  set.lines.forEach((line, i) => {
    const at = numberOf(line, 'fee_ocur_time');
    const early = at !== undefined && begin !== undefined && at < begin;
    const late = at !== undefined && end !== undefined && at > end + graceMs;
    if ((early || late) && line['dscg_tkdrug_flag'] !== true) report('V01', 'fee_ocur_time', i);
    if (quantities.has(line['feedetl_sn'])) report('L04', 'feedetl_sn', i);
    const quantity = numberOf(line, 'cnt') ?? 0;
    if (quantity < 0) {
      const returned = line['rtn_feedetl_sn'];
      // The line that is returned stands before this one, and never less than nothing is left of it.
      const had = quantities.get(returned);
      if (had === undefined || had + quantity < 0) report('L01', 'rtn_feedetl_sn', i);
      else quantities.set(returned, had + quantity);
    }
    quantities.set(line['feedetl_sn'], quantity);
    total += numberOf(line, 'det_item_fee_sumamt') ?? 0;
  });
  if (total !== numberOf(set.claim, 'medfee_sumamt')) report('S01', 'medfee_sumamt');
  if (set.lines.length !== numberOf(set.claim, 'line_cnt')) report('S01', 'line_cnt');
  return findings;
}

function numberOf(draft: Draft, name: string): number | undefined {
  const value = draft[name];
  return typeof value === 'number' ? value : undefined;
}
