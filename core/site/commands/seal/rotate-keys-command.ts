import type { CliContext, Command } from '../../../cli/context.ts';
import { addExamples, addOption } from '../../../cli/options.ts';
import { addTargetOptions, type TargetOptions } from '../seal-target-options.ts';

export interface RotateKeysOptions extends TargetOptions {
  readonly reason?: string;
  readonly wait?: boolean;
  readonly status?: boolean;
}

/** `tongbu seal rotate-keys`: another key for all databases of a site. */
export function registerRotateKeys(group: Command, context: CliContext): void {
  const text = {
    en: 'ask for another key for all databases; an officer approves',
    zh: '申请为全部数据库换用新密钥，须安全员批准',
  };
  const command = group.command('rotate-keys').description(context.text(text));
  addTargetOptions(command, context);
  addOption(command, context, {
    flags: '--reason <text>',
    text: { en: 'why, for the audit log; no personal data', zh: '原因，写入审计日志；不得含个人信息' },
  });
  addOption(command, context, {
    flags: '--wait',
    text: {
      en: 'stay until it is approved and done, and show how far it is',
      zh: '等待批准并完成，显示进度',
    },
  });
  addOption(command, context, {
    flags: '--status',
    text: { en: 'only show how far the newest change of keys is', zh: '仅显示最近一次换钥的进度' },
  });
  addExamples(command, context, [
    {
      line: "tongbu seal rotate-keys --data county --reason 'an officer left' --wait",
      text: {
        en: 'the site is closed while its files get the key, and opens by itself',
        zh: '换钥期间站点暂停服务，完成后自动恢复',
      },
    },
    {
      line: 'tongbu seal rotate-keys --data county --status',
      text: { en: 'exit code 4 when files kept their old key', zh: '有文件仍用旧密钥时退出码为 4' },
    },
  ]);
  command.action(async (options: RotateKeysOptions) =>
    (await import('./rotate-keys.ts')).rotateKeys(context, options),
  );
}
