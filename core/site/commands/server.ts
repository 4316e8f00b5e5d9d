import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups, wholeNumber } from '../../cli/options.ts';
import { addLocalOptions, type LocalOptions } from './local-options.ts';

/** Loaded when one of them runs: help texts need no TLS. */
const acts = () => import('./server-acts.ts');

export type ServerProgram = 'node' | 'hub';

export interface ServerNameOptions extends LocalOptions {
  readonly reason: string;
}

export interface RemoveServerOptions extends ServerNameOptions {
  readonly leaveServer?: boolean;
  readonly yes?: boolean;
}

export interface AddServerOptions extends ServerNameOptions {
  readonly host: string;
  readonly port: number | string;
  readonly database: string;
  readonly role: string;
  readonly ca?: string;
  readonly rotateDays: number | string;
  readonly admin: string;
}

/** `tongbu node|hub server add | list | rotate | remove`. */
export function registerServer(group: Command, context: CliContext, program: ServerProgram): void {
  registerAdd(group, context, program);
  registerList(group, context, program);
  registerRotate(group, context, program);
  registerRemove(group, context, program);
}

function registerAdd(group: Command, context: CliContext, program: ServerProgram): void {
  const text = {
    en: 'set up a login of the site; asks for an administrator’s password, once',
    zh: '为本站点建立登录；仅询问一次数据库管理员口令',
  };
  const command = group.command('add <name>').description(context.text(text));
  addLocalOptions(command, context);
  addPlaceOptions(command, context);
  addOption(command, context, {
    flags: '--rotate-days <days>',
    text: { en: 'the password is changed by itself after so many days', zh: '口令自动更换的天数' },
    default: '30',
    parse: wholeNumber('--rotate-days', 1, 365),
  });
  addOption(command, context, {
    flags: '--admin <role>',
    text: {
      en: 'role that may create roles; its password is asked on the terminal, or read from standard input',
      zh: '有权创建角色的管理员；口令在终端询问，或从标准输入读取',
    },
    mandatory: true,
    group: groups.keys,
  });
  addReason(command, context);
  addExamples(command, context, [
    {
      line:
        `tongbu ${program} server add ledger-1 --data DIR --as people/officer-zhao --host db1.hunan.example ` +
        '--database tongbu --role tongbu_ledger --ca db-ca.pem --admin postgres --reason "new ledger store"',
      text: {
        en: 'nobody learns the password of tongbu_ledger; it is changed every 30 days',
        zh: 'tongbu_ledger 的口令无人知晓，每 30 天自动更换',
      },
    },
  ]);
  command.action(async (name: string, options: AddServerOptions) =>
    (await acts()).addServer(context, program, name, options),
  );
}

function addPlaceOptions(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--host <host>',
    text: { en: 'host name, address, or folder of a unix socket', zh: '主机名、地址或 Unix 套接字目录' },
    mandatory: true,
    group: groups.connection,
  });
  addOption(command, context, {
    flags: '--port <port>',
    text: { en: 'port of the server', zh: '服务器端口' },
    default: '5432',
    parse: wholeNumber('--port', 1, 65_535),
    group: groups.connection,
  });
  addOption(command, context, {
    flags: '--database <name>',
    text: { en: 'database to log in to', zh: '登录的数据库' },
    mandatory: true,
    group: groups.connection,
  });
  addOption(command, context, {
    flags: '--role <role>',
    text: { en: 'login of the site there; made when it is missing', zh: '本站点的登录角色；不存在则创建' },
    mandatory: true,
    group: groups.connection,
  });
  addOption(command, context, {
    flags: '--ca <file>',
    text: {
      en: 'PEM of the authority of the server’s certificate; may be missing on this machine only',
      zh: '服务器证书签发机构的 PEM 文件；仅本机可省略',
    },
    group: groups.connection,
  });
}

function registerList(group: Command, context: CliContext, program: ServerProgram): void {
  const text = { en: 'the servers, and how old each password is', zh: '列出服务器及口令期限' };
  const command = group.command('list').description(context.text(text));
  addLocalOptions(command, context);
  addExamples(command, context, [
    {
      line: `tongbu ${program} server list --data DIR`,
      text: { en: 'name, login, state, next change', zh: '名称、登录、状态、下次更换' },
    },
  ]);
  command.action(async (options: LocalOptions) => (await acts()).listServers(context, program, options));
}

function registerRotate(group: Command, context: CliContext, program: ServerProgram): void {
  const text = { en: 'change the password now', zh: '立即更换口令' };
  const command = group.command('rotate <name>').description(context.text(text));
  addLocalOptions(command, context);
  addReason(command, context);
  addExamples(command, context, [
    {
      line: `tongbu ${program} server rotate ledger-1 --data DIR --reason "after maintenance of the server"`,
      text: {
        en: 'running connections stay; the old password opens nothing any more',
        zh: '现有连接不受影响；旧口令立即失效',
      },
    },
  ]);
  command.action(async (name: string, options: ServerNameOptions) =>
    (await acts()).rotateServer(context, program, name, options),
  );
}

function registerRemove(group: Command, context: CliContext, program: ServerProgram): void {
  const text = { en: 'give the login up: server and ring forget the password', zh: '放弃登录：清除口令' };
  const command = group.command('remove <name>').description(context.text(text));
  addLocalOptions(command, context);
  addOption(command, context, {
    flags: '--leave-server',
    text: {
      en: 'the server is gone for good: do not ask it to forget the password',
      zh: '服务器已不复存在：不要求其清除口令',
    },
  });
  addReason(command, context);
  addOption(command, context, { flags: '--yes', text: { en: 'do not ask', zh: '不再询问' } });
  addExamples(command, context, [
    {
      line:
        `tongbu ${program} server remove ledger-1 --data DIR --as people/officer-zhao ` +
        '--reason "moved to ledger-2" --yes',
      text: { en: 'what is stored there is not touched', zh: '服务器上存储的数据不受影响' },
    },
  ]);
  command.action(async (name: string, options: RemoveServerOptions) =>
    (await acts()).removeServer(context, program, name, options),
  );
}

function addReason(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--reason <text>',
    text: { en: 'why, for the audit log; no personal data', zh: '理由，写入审计日志；不得含个人信息' },
    mandatory: true,
  });
}
