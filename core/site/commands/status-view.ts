import { toHex } from '../../base/bytes.ts';
import type { CliContext } from '../../cli/context.ts';
import { type Column, formatCount, formatDuration, formatTable } from '../../cli/table.ts';
import { findingsOf, summaryOf } from './status-findings.ts';
import type { LinkMessage, LogMessage, StatusMessage } from './status-message.ts';

/** Hexadecimal digits of a root on a screen: enough to compare by eye, not to prove anything. */
const rootDigits = 12;

/** The sentences, then the tables. */
export function statusText(context: CliContext, status: StatusMessage): string {
  const findings = findingsOf(status);
  const sentences =
    findings.length === 0
      ? [context.text(summaryOf(status))]
      : findings.flatMap((finding) => [`✗ ${context.text(finding)}`, `  → ${context.text(finding.hint)}`]);
  const links = status.links.length === 0 ? [] : ['', linkTable(context, status.links)];
  return [...sentences, '', logTable(context, status.logs), ...links].join('\n');
}

/** The same under --json; roots as hex, `program` is the version of the running program. */
export function statusDocument(context: CliContext, status: StatusMessage): object {
  const { site, tier, version, timeMs, logs, links } = status;
  const findings = findingsOf(status).map(({ code, hint, ...text }) => ({
    code,
    message: context.text(text),
    hint: context.text(hint),
  }));
  return {
    site,
    tier,
    program: version,
    time: new Date(timeMs).toISOString(),
    seal: 'unsealed',
    well: findings.length === 0,
    summary: findings[0]?.message ?? context.text(summaryOf(status)),
    findings,
    logs: logs.map(({ root, ...log }) => ({ ...own(log), root: toHex(root) })),
    links: links.map(own),
  };
}

/** Without the markers that the loader of messages leaves at optional fields. */
function own<T extends object>(message: T): object {
  return Object.fromEntries(Object.entries(message).filter(([name]) => !name.startsWith('_')));
}

function logTable(context: CliContext, logs: readonly LogMessage[]): string {
  const columns = titles(context, [
    ['log', '日志'],
    ['entries', '条目数', 'right'],
    ['root', '根散列'],
    ['state', '状态'],
    ['lag', '滞后条目', 'right'],
    ['since', '滞后时间', 'right'],
    ['heard', '最近联系', 'right'],
    ['in tables', '已入表', 'right'],
    ['receipts', '回执'],
  ]);
  const rows = logs.map((log) => [
    log.log,
    formatCount(log.size),
    toHex(log.root).slice(0, rootDigits),
    log.own ? context.text({ en: 'own', zh: '本站' }) : stateWord(context, log.state),
    log.own ? '' : formatCount(log.lagEntries),
    log.own || log.lagMs === 0 ? '' : formatDuration(log.lagMs),
    log.own ? '' : ago(log.heardAgoMs),
    formatCount(log.recorded),
    receiptsOf(context, log),
  ]);
  return formatTable(columns, rows);
}

function linkTable(context: CliContext, links: readonly LinkMessage[]): string {
  const columns = titles(context, [
    ['link', '链路'],
    ['direction', '方向'],
    ['peer', '对端'],
    ['state', '状态'],
    ['position', '位置', 'right'],
    ['of', '总数', 'right'],
    ['heard', '最近联系', 'right'],
    ['problem', '问题'],
  ]);
  const rows = links.map((link) => [
    link.log,
    link.direction === 'push' ? '↑' : '↓',
    link.peer,
    stateWord(context, link.state),
    formatCount(link.position),
    formatCount(link.size),
    ago(link.heardAgoMs),
    link.problemCode,
  ]);
  return formatTable(columns, rows);
}

/** One receiver has signed for one size: `430000 all`, `430000 1,200`. */
function receiptsOf(context: CliContext, { receipts, size }: LogMessage): string {
  const all = context.text({ en: 'all', zh: '全部' });
  return receipts
    .map(({ receiver, size: held }) => {
      const site = receiver.split('/').at(-1) ?? receiver;
      return `${site} ${held === size ? all : formatCount(held)}`;
    })
    .join(', ');
}

const stateWords: Readonly<Record<string, string>> = {
  current: '同步',
  behind: '滞后',
  silent: '静默',
  unheard: '未联系',
  connecting: '连接中',
  live: '已连通',
  waiting: '等待重试',
  stopped: '已停止',
};

export function stateWord(context: CliContext, state: string): string {
  return context.text({ en: state, zh: stateWords[state] ?? state });
}

export function ago(ms: number | undefined): string {
  return ms === undefined ? '–' : formatDuration(ms);
}

export function titles(
  context: CliContext,
  columns: readonly (readonly [en: string, zh: string, align?: 'right'])[],
): Column[] {
  return columns.map(([en, zh, align]) => ({ title: context.text({ en, zh }), ...(align ? { align } : {}) }));
}
