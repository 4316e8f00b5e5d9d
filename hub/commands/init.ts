import type { CliContext, Command } from '../../core/cli/context.ts';
import { addExamples, addOption, groups, siteCode, wholeNumber } from '../../core/cli/options.ts';
import { addInitOptions, type InitOptions } from '../../core/site/commands/init-options.ts';

export interface HubInitOptions extends InitOptions {
  readonly site: string;
  readonly name: string;
  readonly tier: 'province' | 'national';
  readonly authority: string;
  readonly authorityIdentity?: string;
  readonly enrolPort: number;
  readonly uplinkTokenFile?: string;
  readonly contract?: string;
}

const called = 'tongbu hub init';

/** `tongbu hub init`: a province with its own authority, or the nation. */
export function register(command: Command, context: CliContext): void {
  addInitOptions(command, context, called);
  addSiteOptions(command, context);
  addUplinkOptions(command, context);
  const hunan = context.text({ en: 'Hunan', zh: '湖南省' });
  addExamples(command, context, [
    {
      line:
        `tongbu hub init --data province --site 430000 --name ${hunan} --authority authority ` +
        '--operator wang --holder zhao --holder qian --holder sun --shares-out shares',
      text: {
        en: 'asks for the passphrase of the authority, then of each officer',
        zh: '先询问证书机构口令，再逐一询问安全员口令',
      },
    },
    {
      line: 'tongbu hub init … --uplink-token-file token.txt --contract contract.yaml',
      text: {
        en: 'a province that forwards to the nation what the contract names',
        zh: '按合约向国家平台转发数据的省级枢纽',
      },
    },
  ]);
  command.action(async (options: HubInitOptions) => {
    const { makeHub } = await import('./make-hub.ts');
    await makeHub(context, options);
  });
}

function addSiteOptions(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--site <code>',
    text: { en: 'GB/T 2260 code of the site', zh: '站点的 GB/T 2260 代码' },
    mandatory: true,
    parse: siteCode('--site'),
  });
  addOption(command, context, {
    flags: '--name <name>',
    text: { en: 'name of the site, for people', zh: '站点名称' },
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--tier <tier>',
    text: { en: 'what the hub is', zh: '枢纽层级' },
    choices: ['province', 'national'],
    default: 'province',
  });
  addOption(command, context, {
    flags: '--authority <folder>',
    text: { en: 'folder made by `tongbu certs init`', zh: '由 `tongbu certs init` 创建的目录' },
    group: groups.keys,
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--authority-identity <file>',
    text: {
      en: 'age identity that opens the authority; without it its passphrase is asked',
      zh: '用于打开证书机构的 age 私钥文件；不给则询问口令',
    },
    group: groups.keys,
  });
}

function addUplinkOptions(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--enrol-port <number>',
    text: {
      en: 'port on which new sites enrol; 0 takes a free one',
      zh: '新站点准入端口；0 表示任取空闲端口',
    },
    group: groups.connection,
    default: 7444,
    parse: wholeNumber('--enrol-port', 0, 65_535),
  });
  addOption(command, context, {
    flags: '--uplink-token-file <file>',
    text: {
      en: 'file with the token line of the nation; - reads it from standard input',
      zh: '国家平台令牌所在文件；- 表示从标准输入读取',
    },
    group: groups.keys,
  });
  addOption(command, context, {
    flags: '--contract <file>',
    text: { en: 'says which logs go up; nothing does without it', zh: '规定哪些日志上送；没有则不上送' },
    group: groups.data,
  });
}
