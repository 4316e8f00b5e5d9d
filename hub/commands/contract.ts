import { fault } from '../../core/base/errors.ts';
import type { CliContext, Command } from '../../core/cli/context.ts';
import { addExamples, addOption, groups } from '../../core/cli/options.ts';
import { printNote, printResult } from '../../core/cli/output.ts';
import { formatTable } from '../../core/cli/table.ts';
import { repeated } from '../../core/site/commands/init-options.ts';
import { addLocalOptions, connectLocal, type LocalOptions } from '../../core/site/commands/local-options.ts';
import { titles } from '../../core/site/commands/status-view.ts';

interface SetOptions extends LocalOptions {
  readonly subscriber: string;
  readonly log: readonly string[];
  readonly reason: string;
}

interface EndOptions extends LocalOptions {
  readonly subscriber: string;
  readonly reason: string;
  readonly yes?: boolean;
}

/** SubscriberContract of hub.proto, as it comes. */
interface ContractMessage {
  readonly subscriber: string;
  readonly logs: readonly string[];
  readonly approvedBy: readonly string[];
  readonly inForce: boolean;
}

/** `tongbu hub contract set | list | end`. */
export function register(group: Command, context: CliContext): void {
  registerSet(group, context);
  registerList(group, context);
  registerEnd(group, context);
}

function registerSet(group: Command, context: CliContext): void {
  const text = { en: 'ask for the contract of a subscriber', zh: '申请订阅方的数据合约' };
  const command = group.command('set').description(context.text(text));
  addLocalOptions(command, context);
  addSubscriber(command, context);
  addOption(command, context, {
    flags: '--log <log>',
    text: { en: 'dataset, or site/dataset (repeatable)', zh: '数据集，或 站点/数据集（可重复）' },
    group: groups.data,
    mandatory: true,
    parse: repeated((log) => log),
  });
  addReason(command, context);
  addExamples(command, context, [
    {
      line:
        'tongbu hub contract set --data province --subscriber 430000/stats --log enrollment ' +
        `--reason "${context.text({ en: 'yearly statistics', zh: '年度统计' })}"`,
      text: {
        en: 'in force once another officer has approved it: tongbu seal approve ID',
        zh: '由另一名安全员批准后生效：tongbu seal approve 编号',
      },
    },
  ]);
  command.action(async (options: SetOptions) => {
    const { subscriber, log: logs, reason } = options;
    using connection = await connectLocal(context, options, 'hub', 'open');
    const { requestId, expiresMs } = await connection.unary<{ requestId: string; expiresMs: number }>(
      ['hub', 'Hub', 'askContract'],
      { subscriber, logs, reason },
    );
    const expires = new Date(expiresMs).toISOString();
    printResult(context, { subscriber, logs, request: requestId, expires }, () => requestId);
    const next = {
      en: `Another officer approves until ${expires}: tongbu seal approve ${requestId}`,
      zh: `请另一名安全员在 ${expires} 前批准：tongbu seal approve ${requestId}`,
    };
    if (!context.json) printNote(context, context.text(next));
  });
}

function registerList(group: Command, context: CliContext): void {
  const text = { en: 'contracts of subscribers', zh: '查看订阅方的数据合约' };
  const command = group.command('list').description(context.text(text));
  addLocalOptions(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu hub contract list --data province',
      text: { en: 'who may receive what, and who approved it', zh: '谁可接收哪些日志、由谁批准' },
    },
  ]);
  command.action(async (options: LocalOptions) => {
    using connection = await connectLocal(context, options, 'hub', 'open');
    const { contracts } = await connection.unary<{ contracts: readonly ContractMessage[] }>([
      'hub',
      'Hub',
      'listContracts',
    ]);
    printResult(context, { contracts: contracts.map(document) }, () => table(context, contracts));
  });
}

function registerEnd(group: Command, context: CliContext): void {
  const text = { en: 'end the contract of a subscriber, at once', zh: '立即终止订阅方的数据合约' };
  const command = group.command('end').description(context.text(text));
  addLocalOptions(command, context);
  addSubscriber(command, context);
  addReason(command, context);
  addOption(command, context, {
    flags: '--yes',
    text: { en: 'no question: a new contract needs another approval', zh: '不再询问：恢复须重新审批' },
  });
  addExamples(command, context, [
    {
      line:
        'tongbu hub contract end --data province --subscriber 430000/stats --yes ' +
        `--reason "${context.text({ en: 'the study is over', zh: '研究已结束' })}"`,
      text: { en: 'what it is receiving right now ends too', zh: '正在进行的接收也会立即中断' },
    },
  ]);
  command.action(async (options: EndOptions) => {
    const { subscriber, reason, yes } = options;
    if (!yes) throw fault('TB1010', { option: '--yes', command: 'tongbu hub contract end' });
    using connection = await connectLocal(context, options, 'hub', 'open');
    const { contract } = await connection.unary<{ contract: ContractMessage }>(
      ['hub', 'Hub', 'endContract'],
      { subscriber, reason },
    );
    const done = {
      en: `The contract of ${subscriber} has ended.`,
      zh: `订阅方 ${subscriber} 的合约已终止。`,
    };
    printResult(context, { contract: document(contract) }, () => context.text(done));
  });
}

function addSubscriber(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--subscriber <code[/name]>',
    text: { en: "site, or site/name, of the subscriber's certificate", zh: '订阅方证书的站点或 站点/名称' },
    group: groups.data,
    mandatory: true,
  });
}

function addReason(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--reason <text>',
    text: { en: 'why; it goes into the audit log', zh: '理由，写入审计日志' },
    mandatory: true,
  });
}

function document({ subscriber, logs, approvedBy, inForce }: ContractMessage): object {
  return { subscriber, logs, approvedBy, inForce };
}

function table(context: CliContext, contracts: readonly ContractMessage[]): string {
  const columns = titles(context, [
    ['subscriber', '订阅方'],
    ['state', '状态'],
    ['logs', '日志'],
    ['approved by', '批准人'],
  ]);
  const state = (inForce: boolean) =>
    context.text(inForce ? { en: 'in force', zh: '生效' } : { en: 'ended', zh: '已终止' });
  const rows = contracts.map(({ subscriber, inForce, logs, approvedBy }) => [
    subscriber,
    state(inForce),
    logs.join(', '),
    approvedBy.join(', '),
  ]);
  return formatTable(columns, rows);
}
