import type { CliContext, Command } from '../../../cli/context.ts';
import { addExamples } from '../../../cli/options.ts';
import { addTargetOptions, type TargetOptions } from '../seal-target-options.ts';
import type { SealOptions } from './opening.ts';
import {
  addReasonOption,
  addShareOptions,
  addYesOption,
  remoteExample,
  type ShareOptions,
} from './share-options.ts';

/** Loaded when one of them runs: help texts need no TLS and no share library. */
const acts = () => import('./opening.ts');

/** `unseal`, `status`, `seal`, `emergency`. */
export function registerOpening(group: Command, context: CliContext): void {
  registerUnseal(group, context);
  registerStatus(group, context);
  registerSeal(group, context);
  registerEmergency(group, context);
}

function registerUnseal(group: Command, context: CliContext): void {
  const text = { en: "enter one officer's share", zh: '输入一名安全员的份额' };
  const command = group.command('unseal').description(context.text(text));
  addShareOptions(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu seal unseal --data county --share shares/zhao.share.age',
      text: {
        en: 'asks for the passphrase; the last share opens the site',
        zh: '询问口令；最后一份即解封站点',
      },
    },
    {
      line: `tongbu seal unseal ${remoteExample} --share zhao.share.age`,
      text: { en: "from the officer's own computer", zh: '在安全员自己的电脑上操作' },
    },
    {
      line: 'tongbu seal unseal --data county --as officer-zhao --typed',
      text: { en: 'with a share that was printed', zh: '使用打印在纸上的份额' },
    },
  ]);
  command.action(async (options: ShareOptions) => (await acts()).unseal(context, options));
}

function registerStatus(group: Command, context: CliContext): void {
  const text = {
    en: 'whether the site is open, which ceremony is, what is missing and who does what next',
    zh: '站点是否解封、有何仪式在进行、还缺什么、由谁做下一步',
  };
  const command = group.command('status').description(context.text(text));
  addTargetOptions(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu seal status --data county',
      text: { en: 'exit code 3 while it is sealed', zh: '封存时退出码为 3' },
    },
  ]);
  command.action(async (options: TargetOptions) => (await acts()).sealStatus(context, options));
}

function registerSeal(group: Command, context: CliContext): void {
  const text = { en: 'close the site: keys are wiped, streams end', zh: '封存站点：清除密钥，断开数据流' };
  const command = group.command('seal').description(context.text(text));
  addTargetOptions(command, context);
  addReasonOption(command, context);
  addYesOption(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu seal seal --data county --reason maintenance --yes',
      text: { en: 'the officers open it again with their shares', zh: '之后由安全员用份额重新解封' },
    },
  ]);
  command.action(async (options: SealOptions) => (await acts()).sealSite(context, options));
}

function registerEmergency(group: Command, context: CliContext): void {
  const text = {
    en: 'close the site at once, by one officer, also in the middle of a ceremony or with a full disk',
    zh: '由一名安全员立即封存站点，仪式进行中或磁盘已满时也可执行',
  };
  const command = group.command('emergency').description(context.text(text));
  addTargetOptions(command, context);
  addReasonOption(command, context);
  addYesOption(command, context);
  addExamples(command, context, [
    {
      line: "tongbu seal emergency --data county --as officer-zhao --reason 'a stranger at the server' --yes",
      text: { en: 'first close, then ask', zh: '先封存，再查问' },
    },
  ]);
  command.action(async (options: SealOptions) => (await acts()).emergencySeal(context, options));
}
