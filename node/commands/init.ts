import type { CliContext, Command } from '../../core/cli/context.ts';
import { addExamples, addOption, groups } from '../../core/cli/options.ts';
import { addInitOptions, type InitOptions, nameOf, repeated } from '../../core/site/commands/init-options.ts';

export interface NodeInitOptions extends InitOptions {
  readonly tokenFile: string;
  readonly business?: readonly string[];
}

/** `tongbu node init`: a county from the province's token. */
export function register(command: Command, context: CliContext): void {
  const called = 'tongbu node init';
  addInitOptions(command, context, called);
  addOption(command, context, {
    flags: '--token-file <file>',
    text: {
      en: 'file with the token line of the province; - reads it from standard input',
      zh: '省级令牌所在文件；- 表示从标准输入读取',
    },
    group: groups.keys,
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--business <name>',
    text: {
      en: 'business system that gets a certificate (repeatable)',
      zh: '获得证书的业务系统（可重复）',
    },
    parse: repeated(nameOf('--business', called)),
  });
  addExamples(command, context, [
    {
      line:
        'tongbu node init --data county --token-file token.txt --operator li ' +
        '--holder zhao --holder qian --holder sun --shares-out shares',
      text: {
        en: 'three officers, any two of whom open the site; asks each for a passphrase',
        zh: '三名安全员，任意两人可解封；逐一询问口令',
      },
    },
  ]);
  command.action(async (options: NodeInitOptions) => {
    const { makeCounty } = await import('./make-county.ts');
    await makeCounty(context, options);
  });
}
