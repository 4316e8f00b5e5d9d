import { toHex } from '../../base/bytes.ts';
import { explain, type Fault, fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { printData, printDocument, printFault } from '../../cli/output.ts';
import { Progress } from '../../cli/progress.ts';
import { formatCount, formatTable } from '../../cli/table.ts';
import { addLocalOptions, connectLocal, type LocalOptions } from './local-options.ts';
import type { SiteConnection } from './site-connection.ts';
import { type StatusMessage, statusMethod } from './status-message.ts';
import { titles } from './status-view.ts';

interface VerifyOptions extends LocalOptions {
  readonly log?: string;
}

/** VerifyResponse of site.proto, as it comes. */
interface VerifyMessage {
  readonly log: string;
  readonly done: number;
  readonly size: number;
  readonly verdict: VerdictMessage | null;
}

interface VerdictMessage {
  readonly size: number;
  readonly signed: number;
  readonly root: Uint8Array;
  readonly whole: boolean;
  readonly badIndex?: number;
  readonly reason: string;
  readonly duplicates: number;
}

interface Verdict extends VerdictMessage {
  readonly log: string;
}

/** `node verify` and `hub verify`. */
export function registerVerify(command: Command, context: CliContext, program: 'node' | 'hub'): void {
  addLocalOptions(command, context);
  addOption(command, context, {
    flags: '--log <site/dataset>',
    text: { en: 'this log alone; all of them when not given', zh: '只校验该日志；缺省为全部' },
    group: groups.data,
  });
  addExamples(command, context, [
    {
      line: `tongbu ${program} verify --data DIR`,
      text: {
        en: 'hashes every entry on the disk again and checks every signature; exit code 1 with the first bad index',
        zh: '重新计算磁盘上每一条的散列并验证签名；有损坏时退出码为 1 并给出首个损坏序号',
      },
    },
    {
      line: `tongbu ${program} verify --data DIR --log 430121/claims --json`,
      text: { en: 'one log, as data', zh: '单个日志，以数据形式输出' },
    },
  ]);
  command.action((options: VerifyOptions) => verify(context, options, program));
}

async function verify(context: CliContext, options: VerifyOptions, program: 'node' | 'hub'): Promise<void> {
  using connection = await connectLocal(context, options, program);
  const verdicts = await verdictsOf(context, connection, options.log);
  const found = verdicts.map(problemOf).find((problem) => problem !== undefined);
  if (context.json) printDocument(context, { logs: verdicts.map(document), ...errorOf(context, found) });
  else {
    printData(context, table(context, verdicts));
    if (found) printFault(context, found);
  }
  if (found) context.exitCode = 1;
}

async function verdictsOf(
  context: CliContext,
  connection: SiteConnection,
  log: string | undefined,
): Promise<Verdict[]> {
  const { logs } = await connection.unary<StatusMessage>(statusMethod);
  const chosen = logs.filter((known) => log === undefined || known.log === log);
  const total = chosen.reduce((sum, { size }) => sum + size, 0);
  const text = { en: 'Verifying, entries', zh: '校验，条目' };
  const request = { log: log ?? '' };
  const answers = connection.stream<VerifyMessage>(['site', 'Site', 'verify'], request, context.signal);
  const verdicts: Verdict[] = [];
  using progress = new Progress(context, { text, total });
  let before = 0;
  for await (const { log: name, done, verdict } of answers) {
    progress.update(before + done);
    if (!verdict) continue;
    before += done;
    verdicts.push({ ...verdict, log: name });
  }
  progress.finish();
  return verdicts;
}

function problemOf({ log, whole, badIndex, reason, duplicates }: Verdict): Fault | undefined {
  if (!whole) return fault('TB1611', { log, index: badIndex ?? 0, reason });
  return duplicates > 0 ? fault('TB1621', { log, count: duplicates }) : undefined;
}

function document({ log, size, signed, root, whole, badIndex, reason, duplicates }: Verdict): object {
  const bad = whole ? { badIndex: null, reason: null } : { badIndex: badIndex ?? 0, reason };
  return { log, size, signed, root: toHex(root), whole, ...bad, duplicates };
}

/** One document holds both: what every log is like, and the first that is not well. */
function errorOf(context: CliContext, found: Fault | undefined): object {
  if (!found) return {};
  const { code, parameters, retry } = found;
  const [message, hint] = explain(code, parameters, context.language);
  return { error: { code, message, hint, retry, parameters } };
}

function table(context: CliContext, verdicts: readonly Verdict[]): string {
  const columns = titles(context, [
    ['log', '日志'],
    ['entries', '条目数', 'right'],
    ['signed', '已签名', 'right'],
    ['root', '根散列'],
    ['twice', '重复', 'right'],
    ['verdict', '结论'],
  ]);
  const rows = verdicts.map(({ log, size, signed, root, whole, badIndex, duplicates }) => [
    log,
    formatCount(size),
    formatCount(signed),
    toHex(root).slice(0, 16),
    formatCount(duplicates),
    whole
      ? context.text({ en: 'whole', zh: '完整' })
      : context.text({ en: `damaged from ${badIndex ?? 0} on`, zh: `自第 ${badIndex ?? 0} 条起损坏` }),
  ]);
  return formatTable(columns, rows);
}
