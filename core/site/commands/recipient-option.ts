import type { CliContext, Command } from '../../cli/context.ts';
import { addOption, groups } from '../../cli/options.ts';

/** `--recipient`, for commands that make the keys of an authority. */
export function addRecipientOption(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--recipient <age1…>',
    text: {
      en: 'age recipient to whom both keys are encrypted; without it a passphrase is asked',
      zh: '用于加密两个私钥的 age 公钥；不给则询问口令',
    },
    group: groups.keys,
  });
}
