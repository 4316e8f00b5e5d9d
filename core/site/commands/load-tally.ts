import type { FileRow } from '../../records/row-reader.ts';
import { type Finding, type RuleId, rules } from '../../records/rule.ts';
import type { Portion } from './load-portions.ts';

/** RowsResult of node.proto, as it comes. */
export interface RowsMessage {
  readonly accepted: number;
  readonly unchanged: number;
  readonly problems: readonly ProblemMessage[];
  readonly logSize: number;
}

export interface ProblemMessage {
  readonly row: number;
  readonly field: string;
  readonly rule: string;
  readonly severity: string;
}

/** One rule that rows of the file broke. */
export interface RuleCount {
  readonly rule: RuleId;
  readonly field: string;
  readonly severity: Finding['severity'];
  rows: number;
  readonly firstRow: number;
}

/** What has become of the rows of a file so far. */
export class LoadTally {
  rows = 0;
  accepted = 0;
  unchanged = 0;
  refused = 0;
  /** Accepted rows that need attention: listed or held. */
  warned = 0;
  logSize = 0;
  readonly #broken = new Map<string, RuleCount>();
  readonly #refuse: (portion: Portion, row: FileRow, findings: readonly Finding[]) => void;

  /** `refuse` hears of every refused row, in the order of the file. */
  constructor(refuse: (portion: Portion, row: FileRow, findings: readonly Finding[]) => void) {
    this.#refuse = refuse;
  }

  /** Most frequent first. */
  get broken(): RuleCount[] {
    return [...this.#broken.values()].sort((a, b) => b.rows - a.rows);
  }

  add(portion: Portion, answer: RowsMessage): void {
    this.rows += portion.rows.length;
    this.accepted += answer.accepted;
    this.unchanged += answer.unchanged;
    this.logSize = answer.logSize;
    const found = findingsByRow(portion, answer.problems);
    for (const row of portion.rows) {
      const findings = row.raw === undefined ? [unreadable] : found.get(row);
      if (findings) this.#judge(portion, row, findings);
    }
  }

  #judge(portion: Portion, row: FileRow, findings: readonly Finding[]): void {
    for (const { rule, field, severity } of findings) {
      const id = `${rule} ${field} ${severity}`;
      const known = this.#broken.get(id);
      if (known) known.rows += 1;
      else this.#broken.set(id, { rule, field, severity, rows: 1, firstRow: row.rowNumber });
    }
    if (findings.some(({ severity }) => severity === 'reject')) {
      this.refused += 1;
      this.#refuse(portion, row, findings);
    } else this.warned += 1;
  }
}

const unreadable: Finding = { rule: 'F06', field: '', severity: 'reject' };

/** The answer numbers the lines that were sent, from 1. */
function findingsByRow(portion: Portion, problems: readonly ProblemMessage[]): Map<FileRow, Finding[]> {
  const found = new Map<FileRow, Finding[]>();
  for (const { row: line, rule, field, severity } of problems) {
    const row = portion.sent[line - 1];
    if (!row || !isRule(rule)) continue;
    const findings = found.get(row) ?? [];
    findings.push({ rule, field, severity: severity as Finding['severity'] });
    found.set(row, findings);
  }
  return found;
}

function isRule(rule: string): rule is RuleId {
  return Object.hasOwn(rules, rule);
}
