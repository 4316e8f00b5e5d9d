import { fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups, siteCode } from '../../cli/options.ts';
import { printData, printDocument, printFault, printNote } from '../../cli/output.ts';
import { type ActMessage, actDocument, actLine, sinceMs } from './act-text.ts';
import { addLocalOptions, connectLocal, type LocalOptions } from './local-options.ts';
import type { SiteConnection } from './site-connection.ts';

interface AuditOptions extends LocalOptions {
  readonly since: string;
  readonly kind?: string;
  readonly actor?: string;
  readonly site?: string;
  readonly follow?: boolean;
  readonly verify?: boolean;
}

interface Filter {
  readonly site: string;
  readonly sinceMs: number;
  readonly kind: string;
  readonly actor: string;
}

interface PageMessage {
  readonly acts: readonly ActMessage[];
  readonly next: number;
  readonly more: boolean;
}

const pageActs = 1_000;
const followMs = 1_000;

/** `node audit` and `hub audit`. */
export function registerAudit(command: Command, context: CliContext, program: 'node' | 'hub'): void {
  addLocalOptions(command, context);
  addFilters(command, context, program);
  addOption(command, context, {
    flags: '--follow',
    text: { en: 'go on with new acts, until Ctrl-C', zh: '持续显示新的记录，直到 Ctrl-C' },
    group: groups.output,
  });
  addOption(command, context, {
    flags: '--verify',
    text: {
      en: 'hash the log again and check the journal of the seal inside it',
      zh: '重新校验该日志及其中的封存日志链',
    },
  });
  addExamples(command, context, [
    {
      line: `tongbu ${program} audit --data DIR --since 7d --kind ceremony`,
      text: { en: 'what the officers did this week', zh: '本周的安全员仪式记录' },
    },
    {
      line: `tongbu ${program} audit --data DIR --as people/auditor-zhou --verify`,
      text: { en: 'an auditor checks that nothing was changed', zh: '审计员核验日志未被改动' },
    },
  ]);
  command.action((options: AuditOptions) => run(context, options, program));
}

function addFilters(command: Command, context: CliContext, program: 'node' | 'hub'): void {
  addOption(command, context, {
    flags: '--since <time>',
    text: {
      en: 'acts from then on: a date, a time, 24h, 7d or all',
      zh: '起始时间：日期、时间、24h、7d 或 all',
    },
    group: groups.data,
    default: '24h',
  });
  addOption(command, context, {
    flags: '--kind <kind>',
    text: { en: 'one kind, like ceremony, login or refusal', zh: '只看一类，如 ceremony、login、refusal' },
    group: groups.data,
  });
  addOption(command, context, {
    flags: '--actor <role/name>',
    text: { en: 'acts of one person or system', zh: '只看某人或某系统的操作' },
    group: groups.data,
  });
  if (program === 'node') return;
  addOption(command, context, {
    flags: '--site <code>',
    text: { en: 'the audit log received from this county', zh: '查看该县上送的审计日志' },
    group: groups.data,
    parse: siteCode('--site'),
  });
}

async function run(context: CliContext, options: AuditOptions, program: 'node' | 'hub'): Promise<void> {
  const filter: Filter = {
    site: options.site ?? '',
    sinceMs: sinceMs(options.since, context.clock.nowMs()),
    kind: options.kind ?? '',
    actor: options.actor ?? '',
  };
  using connection = await connectLocal(context, options, program, 'open');
  if (options.verify) return verify(context, connection, filter.site);
  if (options.follow) return follow(context, connection, filter);
  const acts: ActMessage[] = [];
  for await (const page of pages(connection, filter)) {
    if (context.json) acts.push(...page);
    else for (const act of page) printData(context, actLine(act));
  }
  if (context.json) printDocument(context, { acts: acts.map(actDocument) });
}

async function* pages(connection: SiteConnection, filter: Filter): AsyncGenerator<readonly ActMessage[]> {
  let from = 0;
  for (;;) {
    const page = await ask(connection, filter, from);
    yield page.acts;
    if (!page.more) return;
    from = page.next;
  }
}

function ask(connection: SiteConnection, filter: Filter, from: number): Promise<PageMessage> {
  return connection.unary<PageMessage>(['site', 'Site', 'listActs'], { ...filter, from, pageSize: pageActs });
}

/** Under --json one line for each act, as it comes. */
async function follow(context: CliContext, connection: SiteConnection, filter: Filter): Promise<void> {
  const { clock, signal } = context;
  let from = 0;
  while (!signal.aborted) {
    const { acts, next, more } = await ask(connection, filter, from);
    for (const act of acts)
      printData(context, context.json ? JSON.stringify(actDocument(act)) : actLine(act));
    from = next;
    if (!more) await clock.sleep(followMs, signal);
  }
}

interface VerdictMessage {
  readonly verdict: { readonly size: number; readonly whole: boolean; readonly badIndex?: number } | null;
}

/** The log as the disk has it, and the journal inside: each record of it hashes the one before. */
async function verify(context: CliContext, connection: SiteConnection, site: string): Promise<void> {
  const { brokenJournalAt } = await import('../audit/journal-copy.ts');
  const code = site === '' ? connection.site : site;
  const log = `${code}/audit`;
  const answers = connection.stream<VerdictMessage>(['site', 'Site', 'verify'], { log }, context.signal);
  let entries = 0;
  for await (const { verdict } of answers) {
    if (!verdict) continue;
    entries = verdict.size;
    if (!verdict.whole) throw fault('TB1611', { log, index: verdict.badIndex ?? 0, reason: 'hash' });
  }
  const journal: string[] = [];
  for await (const page of pages(connection, { site, sinceMs: 0, kind: 'journal', actor: '' }))
    journal.push(...page.map(({ detail }) => detail));
  const broken = brokenJournalAt(journal);
  const problem = broken === undefined ? undefined : fault('TB1956', { site: code, index: broken });
  if (problem) {
    context.exitCode = printFault(context, problem);
    return;
  }
  const document = { log, entries, whole: true, journalRecords: journal.length };
  if (context.json) return printDocument(context, document);
  const text = {
    en: `${log}: ${entries} entries whole, ${journal.length} records of the seal's journal in one chain.`,
    zh: `${log}：${entries} 条完整，其中封存日志 ${journal.length} 条，链条连续。`,
  };
  printNote(context, context.text(text));
}
