import type { CliContext, Command } from '../../core/cli/context.ts';
import { addExamples, addOption, groups } from '../../core/cli/options.ts';
import { printResult } from '../../core/cli/output.ts';
import { checkHolders, lockHolders } from '../../core/site/commands/holders.ts';
import {
  addInitOptions,
  hostsOf,
  type InitOptions,
  nameOf,
  readToken,
  repeated,
} from '../../core/site/commands/init-options.ts';
import { NewFolder } from '../../core/site/new-folder.ts';
import { createCounty } from '../create-county.ts';

interface NodeInitOptions extends InitOptions {
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
      zh: '省级令牌所在文件;- 表示从标准输入读取',
    },
    group: groups.keys,
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--business <name>',
    text: {
      en: 'business system that gets a certificate (repeatable)',
      zh: '获得证书的业务系统(可重复)',
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
        zh: '三名安全员,任意两人可解封;逐一询问口令',
      },
    },
  ]);
  command.action((options: NodeInitOptions) => init(context, options));
}

async function init(context: CliContext, options: NodeInitOptions): Promise<void> {
  const { data, operator, business = [], threshold, sharesOut, listen, port } = options;
  const { clock, random, language } = context;
  // Everything that can be refused here, before the token is used up.
  new NewFolder(data).abandon();
  await checkHolders(options.holder, threshold, sharesOut);
  const token = await readToken(context, options.tokenFile);
  const made = await createCounty({
    folder: data,
    token,
    operator,
    holders: await lockHolders(context, options.holder),
    business,
    threshold,
    sharesFolder: sharesOut,
    hosts: hostsOf(options),
    listen: { host: listen, port },
    language,
    clock,
    random,
  });
  printResult(context, { ...made, data, shares: sharesOut }, () =>
    context.text({
      en: `County ${made.site} is made in ${data}, enrolled at ${made.hub}.
  share files        ${sharesOut}: hand one to each officer, and keep none
  certificates       ${data}/people: hand each folder to its person
  manifest           ${made.manifestHash}
Next: tongbu node serve --data ${data}`,
      zh: `县级站点 ${made.site} 已创建于 ${data},并已在 ${made.hub} 准入。
  份额文件           ${sharesOut}:分别交给每位安全员,不留副本
  证书               ${data}/people:各目录交给本人
  清单散列           ${made.manifestHash}
下一步:tongbu node serve --data ${data}`,
    }),
  );
}
