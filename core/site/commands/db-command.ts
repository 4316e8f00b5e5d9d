import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups, wholeNumber } from '../../cli/options.ts';
import { queryLimits } from '../databases/query-limits.ts';
import { addTargetOptions, type TargetOptions } from './seal-target-options.ts';

const acts = () => import('./db-acts.ts');

export interface RequestOptions extends TargetOptions {
  readonly reason: string;
  readonly minutes: number;
  readonly file: string;
}

export interface OpenOptions extends TargetOptions {
  readonly sqlFile?: string;
  readonly format: 'table' | 'csv';
  readonly keep?: boolean;
}

/** `tongbu node|hub db …`: the one way to look into a database, approved by two officers and written down. */
export function registerDatabase(group: Command, context: CliContext, program: 'node' | 'hub'): void {
  registerRequest(group, context, program);
  registerOpen(group, context, program);
  registerClose(group, context, program);
  registerSessions(group, context, program);
}

function registerRequest(group: Command, context: CliContext, program: 'node' | 'hub'): void {
  const text = { en: 'ask two officers for a look into a database', zh: '向两名安全员申请查看数据库' };
  const command = group.command('request').description(context.text(text));
  addTargetOptions(command, context);
  addOption(command, context, {
    flags: '--reason <text>',
    text: { en: 'why, for the audit log; no personal data', zh: '原因，写入审计日志；不得含个人信息' },
    mandatory: true,
  });
  const max = queryLimits.sessionMinutes;
  addOption(command, context, {
    flags: '--minutes <number>',
    text: { en: `how long, from its opening on; at most ${max}`, zh: `自打开起的时长（分钟），最长 ${max}` },
    parse: wholeNumber('--minutes', 1, max),
    default: 30,
  });
  addOption(command, context, {
    flags: '--file <name>',
    text: {
      en: 'which file: site, hub, ledger/ORIGIN or records/ORIGIN',
      zh: '哪个文件：site、hub、ledger/来源 或 records/来源',
    },
    default: program === 'node' ? 'site' : 'hub',
  });
  addExamples(command, context, [
    {
      line: `tongbu ${program} db request --data DIR --reason 'stuck load, ticket 17' --minutes 30`,
      text: {
        en: 'two officers approve it: tongbu seal approve ID',
        zh: '须两名安全员批准：tongbu seal approve ID',
      },
    },
  ]);
  command.action(async (options: RequestOptions) => (await acts()).request(context, options, program));
}

function registerOpen(group: Command, context: CliContext, program: 'node' | 'hub'): void {
  const text = { en: 'read with SQL in an approved session', zh: '在获批的会话中用 SQL 读取' };
  const command = group.command('open').description(context.text(text));
  addId(command, context);
  addTargetOptions(command, context);
  addOption(command, context, {
    flags: '--sql-file <file>',
    text: {
      en: 'statements, parted by semicolons; else from standard input',
      zh: '以分号分隔的语句文件；缺省读标准输入',
    },
  });
  addOption(command, context, {
    flags: '--format <format>',
    text: { en: 'how results are printed', zh: '结果格式' },
    group: groups.output,
    choices: ['table', 'csv'],
    default: 'table',
  });
  addOption(command, context, {
    flags: '--keep',
    text: {
      en: 'leave the session open at the end, until its time is over',
      zh: '结束时不关闭会话，直至到期',
    },
  });
  addExamples(command, context, [
    {
      line: `tongbu ${program} db open 0123456789abcdef --data DIR`,
      text: { en: 'asks for statements; .quit ends and closes', zh: '逐条输入语句；.quit 结束并关闭' },
    },
    {
      line: `tongbu ${program} db open 0123456789abcdef --data DIR --sql-file count.sql --format csv > out.csv`,
      text: { en: 'statements of a file, results as CSV', zh: '执行文件中的语句，输出 CSV' },
    },
  ]);
  command.action(async (id: string, options: OpenOptions) => (await acts()).open(context, id, options));
}

function registerClose(group: Command, context: CliContext, program: 'node' | 'hub'): void {
  const text = { en: 'end the own session before its time', zh: '提前结束本人的会话' };
  const command = group.command('close').description(context.text(text));
  addId(command, context);
  addTargetOptions(command, context);
  addExamples(command, context, [
    {
      line: `tongbu ${program} db close 0123456789abcdef --data DIR`,
      text: { en: 'a statement under way is ended', zh: '正在执行的语句会被终止' },
    },
  ]);
  command.action(async (id: string, options: TargetOptions) => (await acts()).close(context, id, options));
}

function registerSessions(group: Command, context: CliContext, program: 'node' | 'hub'): void {
  const text = { en: 'open sessions, and whose they are', zh: '打开中的会话及其所属' };
  const command = group.command('sessions').description(context.text(text));
  addTargetOptions(command, context);
  addExamples(command, context, [
    {
      line: `tongbu ${program} db sessions --data DIR`,
      text: { en: 'who is looking into which file, and until when', zh: '谁在查看哪个文件，到何时为止' },
    },
  ]);
  command.action(async (options: TargetOptions) => (await acts()).sessions(context, options));
}

function addId(command: Command, context: CliContext): void {
  command.argument('<id>', context.text({ en: 'number of the request, 16 digits', zh: '申请编号，16 位' }));
}
