import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { addTargetOptions, type TargetOptions } from './seal-target-options.ts';

/** Loaded when one of them runs: help texts need no TLS and no share library. */
const acts = () => import('./seal-acts.ts');

export interface UnsealOptions extends TargetOptions {
  readonly share: string;
  readonly identity?: string;
}

export interface SealOptions extends TargetOptions {
  readonly reason: string;
  readonly yes?: boolean;
}

/** `tongbu seal unseal | status | seal`. */
export function register(group: Command, context: CliContext): void {
  registerUnseal(group, context);
  registerStatus(group, context);
  registerSeal(group, context);
}

function registerUnseal(group: Command, context: CliContext): void {
  const text = { en: "enter one officer's share", zh: '输入一名安全员的份额' };
  const command = group.command('unseal').description(context.text(text));
  addTargetOptions(command, context);
  addOption(command, context, {
    flags: '--share <file>',
    text: { en: 'the share file, NAME.share.age', zh: '份额文件 NAME.share.age' },
    group: groups.keys,
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--identity <file>',
    text: {
      en: 'age identity that opens the share file; without it its passphrase is asked',
      zh: '打开份额文件的 age 私钥；不给则询问口令',
    },
    group: groups.keys,
  });
  addExamples(command, context, [
    {
      line: 'tongbu seal unseal --data county --share shares/zhao.share.age',
      text: {
        en: 'asks for the passphrase; the last share opens the site',
        zh: '询问口令；最后一份即解封站点',
      },
    },
    {
      line:
        'tongbu seal unseal --address hub.hunan.example:7443 --site 430000 --domain hunan.example ' +
        '--as officer-zhao --share zhao.share.age',
      text: { en: "from the officer's own computer", zh: '在安全员自己的电脑上操作' },
    },
  ]);
  command.action(async (options: UnsealOptions) => (await acts()).unseal(context, options));
}

function registerStatus(group: Command, context: CliContext): void {
  const text = { en: 'whether the site is open, and what is missing', zh: '站点是否解封，还缺什么' };
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
  addOption(command, context, {
    flags: '--reason <text>',
    text: { en: 'why, for the journal; no personal data', zh: '原因，写入日志；不得含个人信息' },
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--yes',
    text: { en: 'do not ask', zh: '不再询问' },
  });
  addExamples(command, context, [
    {
      line: 'tongbu seal seal --data county --reason maintenance --yes',
      text: { en: 'the officers open it again with their shares', zh: '之后由安全员用份额重新解封' },
    },
  ]);
  command.action(async (options: SealOptions) => (await acts()).sealSite(context, options));
}
