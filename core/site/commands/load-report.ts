import type { CliContext } from '../../cli/context.ts';
import { formatCount, formatTable } from '../../cli/table.ts';
import { rules } from '../../records/rule.ts';
import type { LoadTally } from './load-tally.ts';

export interface LoadSummary {
  readonly file: string;
  readonly dataset: string;
  readonly dryRun: boolean;
  /** The file of rejects, where one was written. */
  readonly rejects: string | undefined;
  readonly seconds: number;
}

/** Rules shown on a screen; the document has all of them. */
const rulesShown = 12;

export function loadDocument({ rejects, seconds, ...summary }: LoadSummary, tally: LoadTally): object {
  const { rows, accepted, unchanged, refused, warned, logSize, broken } = tally;
  return {
    ...summary,
    rows,
    accepted,
    unchanged,
    refused,
    warnings: warned,
    logSize,
    rejects: rejects ?? null,
    seconds: Math.round(seconds * 1_000) / 1_000,
    findings: broken.map((finding) => {
      const { en, zh } = rules[finding.rule];
      return { ...finding, text: en, textZh: zh };
    }),
  };
}

export function loadText(context: CliContext, { dryRun, dataset }: LoadSummary, tally: LoadTally): string {
  const { rows, accepted, unchanged, refused, warned } = tally;
  const [all, good, same, bad, noted] = [rows, accepted, unchanged, refused, warned].map(formatCount);
  const sentence = dryRun
    ? {
        en: `${all} rows for ${dataset}: ${good} would be accepted, ${same} unchanged, ${bad} refused, ${noted} with warnings. Nothing was stored.`,
        zh: `${dataset} 共 ${all} 行：将接受 ${good} 行，未变 ${same} 行，将拒绝 ${bad} 行，有提示 ${noted} 行。未存储任何内容。`,
      }
    : {
        en: `${all} rows for ${dataset}: ${good} accepted, ${same} unchanged, ${bad} refused, ${noted} with warnings.`,
        zh: `${dataset} 共 ${all} 行：接受 ${good} 行，未变 ${same} 行，拒绝 ${bad} 行，有提示 ${noted} 行。`,
      };
  const table = tally.broken.length === 0 ? [] : ['', findingsTable(context, tally)];
  return [context.text(sentence), ...table].join('\n');
}

function findingsTable(context: CliContext, { broken }: LoadTally): string {
  const columns = [
    { title: context.text({ en: 'rule', zh: '规则' }) },
    { title: context.text({ en: 'severity', zh: '处理' }) },
    { title: context.text({ en: 'field', zh: '字段' }) },
    { title: context.text({ en: 'rows', zh: '行数' }), align: 'right' },
    { title: context.text({ en: 'first row', zh: '首行' }), align: 'right' },
    { title: context.text({ en: 'meaning', zh: '含义' }) },
  ] as const;
  const rows = broken
    .slice(0, rulesShown)
    .map(({ rule, severity, field, rows: count, firstRow }) => [
      rule,
      severity,
      field,
      formatCount(count),
      formatCount(firstRow),
      context.text(rules[rule]),
    ]);
  const more = broken.length - rulesShown;
  const rest = { en: `… and ${more} more kinds; --json lists all`, zh: `……另有 ${more} 类；--json 列出全部` };
  return [formatTable(columns, rows), ...(more > 0 ? [context.text(rest)] : [])].join('\n');
}
