import type { CliContext, Command } from '../../../cli/context.ts';
import { addExamples, addOption } from '../../../cli/options.ts';
import { addTargetOptions, type TargetOptions } from '../seal-target-options.ts';
import type { RejectOptions, RequestsOptions } from './decisions.ts';
import { addReasonOption } from './share-options.ts';

const acts = () => import('./decisions.ts');
const idText = { en: 'number of the request, 16 digits', zh: '申请编号，16 位' };

/** `requests`, `approve`, `reject`: what needs officers other than the one who asks. */
export function registerDecisions(group: Command, context: CliContext): void {
  registerRequests(group, context);
  registerApprove(group, context);
  registerReject(group, context);
}

function registerRequests(group: Command, context: CliContext): void {
  const text = { en: 'what waits for the approval of officers', zh: '等待安全员批准的申请' };
  const command = group.command('requests').description(context.text(text));
  addTargetOptions(command, context);
  addOption(command, context, {
    flags: '--all',
    text: { en: 'also what was decided or expired', zh: '包括已处理和已过期的申请' },
  });
  addExamples(command, context, [
    {
      line: 'tongbu seal requests --data province',
      text: { en: 'an enrolment shows the words to compare', zh: '准入申请会显示需核对的词语' },
    },
  ]);
  command.action(async (options: RequestsOptions) => (await acts()).listRequests(context, options));
}

function registerApprove(group: Command, context: CliContext): void {
  const text = {
    en: 'approve a request of somebody else; the last voice also does it',
    zh: '批准他人的申请；最后一票同时执行该操作',
  };
  const command = group.command('approve').description(context.text(text));
  command.argument('<id>', context.text(idText));
  addTargetOptions(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu seal approve 0123456789abcdef --data province --as officer-qian',
      text: { en: 'after calling the one who asked', zh: '请先与申请人通话核实' },
    },
  ]);
  command.action(async (id: string, options: TargetOptions) => (await acts()).approve(context, id, options));
}

function registerReject(group: Command, context: CliContext): void {
  const text = { en: 'reject a request of somebody else', zh: '驳回他人的申请' };
  const command = group.command('reject').description(context.text(text));
  command.argument('<id>', context.text(idText));
  addTargetOptions(command, context);
  addReasonOption(command, context);
  addExamples(command, context, [
    {
      line:
        'tongbu seal reject 0123456789abcdef --data province --as officer-qian ' +
        "--reason 'the county knows nothing of it'",
      text: { en: 'one no is enough', zh: '一票即否决' },
    },
  ]);
  command.action(async (id: string, options: RejectOptions) => (await acts()).reject(context, id, options));
}
