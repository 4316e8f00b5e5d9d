import type { CliContext, Command } from '../../../cli/context.ts';
import { addOption, groups } from '../../../cli/options.ts';
import { addTargetOptions, type TargetOptions } from '../seal-target-options.ts';

/** Where the officer's own share comes from: a file, the keyboard, or else the computer's key store. */
export interface ShareOptions extends TargetOptions {
  readonly share?: string;
  readonly identity?: string;
  readonly typed?: boolean;
}

export interface ReasonOptions extends TargetOptions {
  readonly reason: string;
}

export function addShareOptions(command: Command, context: CliContext): void {
  addTargetOptions(command, context);
  addShareFileOptions(command, context, { mandatory: false });
  addOption(command, context, {
    flags: '--typed',
    text: { en: 'type the share from its printed page, unseen', zh: '按打印页键入份额，屏幕不显示' },
    group: groups.keys,
  });
}

export function addShareFileOptions(
  command: Command,
  context: CliContext,
  { mandatory }: { readonly mandatory: boolean },
): void {
  addOption(command, context, {
    flags: '--share <file>',
    text: mandatory
      ? { en: 'the share file, NAME.share.age', zh: '份额文件 NAME.share.age' }
      : {
          en: 'the share file, NAME.share.age; without it the share in the key store',
          zh: '份额文件 NAME.share.age；不给则取系统密钥库中的份额',
        },
    group: groups.keys,
    mandatory,
  });
  addOption(command, context, {
    flags: '--identity <file>',
    text: {
      en: 'age identity that opens the share file; without it its passphrase is asked',
      zh: '打开份额文件的 age 私钥；不给则询问口令',
    },
    group: groups.keys,
  });
}

export function addReasonOption(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--reason <text>',
    text: { en: 'why, for the journal; no personal data', zh: '原因，写入日志；不得含个人信息' },
    mandatory: true,
  });
}

export function addYesOption(command: Command, context: CliContext): void {
  addOption(command, context, { flags: '--yes', text: { en: 'do not ask', zh: '不再询问' } });
}

/** What the examples show for an officer at another machine than the site's. */
export const remoteExample =
  '--address hub.hunan.example:7443 --site 430000 --domain hunan.example --as officer-zhao';
