import { readFileSync } from 'node:fs';
import { wipe } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { printResult } from '../../cli/output.ts';
import { confirm, promptSecret } from '../../cli/prompt.ts';
import { formatTable } from '../../cli/table.ts';
import { connectLocal, type LocalOptions } from './local-options.ts';
import type { AddServerOptions, RemoveServerOptions, ServerNameOptions, ServerProgram } from './server.ts';

/** DatabaseServer of servers.proto, as it comes. */
interface ServerMessage {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly role: string;
  readonly tls: boolean;
  readonly rotateDays: number;
  readonly state: string;
  readonly rotatedMs: number;
  readonly dueMs: number;
  readonly unfinished: boolean;
  readonly failure: string;
}

interface ServerAnswer {
  readonly server: ServerMessage;
}

const method = (name: string) => ['servers', 'Servers', name] as const;

/** A login takes up to ten seconds where packets are lost, and a change needs three. */
const changeMs = 90_000;

export async function addServer(
  context: CliContext,
  program: ServerProgram,
  name: string,
  options: AddServerOptions,
): Promise<void> {
  const { host, port, database, role, rotateDays, admin, reason } = options;
  const ca = options.ca === undefined ? '' : readText(options.ca);
  using connection = await connectLocal(context, options, program);
  const question = { en: `Password of ${admin} at ${host}`, zh: `${admin} 在 ${host} 的口令` };
  const administratorPassword = Buffer.from(await promptSecret(context, question));
  try {
    const { server } = await connection.unary<ServerAnswer>(
      method('addServer'),
      {
        name,
        host,
        port: Number(port),
        database,
        role,
        ca,
        rotateDays: Number(rotateDays),
        administrator: admin,
        administratorPassword,
        reason,
      },
      changeMs,
    );
    printChanged(context, server);
  } finally {
    wipe(administratorPassword);
  }
}

export async function listServers(
  context: CliContext,
  program: ServerProgram,
  options: LocalOptions,
): Promise<void> {
  using connection = await connectLocal(context, options, program);
  const { servers } = await connection.unary<{ servers: readonly ServerMessage[] }>(method('listServers'));
  printResult(context, { servers: servers.map(document) }, () => table(context, servers));
}

export async function rotateServer(
  context: CliContext,
  program: ServerProgram,
  name: string,
  options: ServerNameOptions,
): Promise<void> {
  using connection = await connectLocal(context, options, program);
  const request = { name, reason: options.reason };
  const { server } = await connection.unary<ServerAnswer>(method('rotatePassword'), request, changeMs);
  printChanged(context, server);
}

/** Asks before it gives the login up. */
export async function removeServer(
  context: CliContext,
  program: ServerProgram,
  name: string,
  options: RemoveServerOptions,
): Promise<void> {
  const { reason, leaveServer = false, yes = false } = options;
  using connection = await connectLocal(context, options, program);
  const question = {
    en: `The site gives its login at ${name} up; what uses it stops working.`,
    zh: `本站点将放弃在 ${name} 的登录；依赖该登录的功能将停止工作。`,
  };
  await confirm(context, { question, expected: name, yes });
  await connection.unary(method('removeServer'), { name, reason, leaveServer }, changeMs);
  printResult(context, { removed: name }, () =>
    context.text({ en: `${name}: removed`, zh: `${name}：已删除` }),
  );
}

function printChanged(context: CliContext, server: ServerMessage): void {
  const { name, role, dueMs } = server;
  const due = day(dueMs);
  printResult(context, { server: document(server) }, () =>
    context.text({
      en: `${name}: new password of ${role} in use; the next change is due on ${due}`,
      zh: `${name}：角色 ${role} 的新口令已启用；下次更换日期 ${due}`,
    }),
  );
}

function table(context: CliContext, servers: readonly ServerMessage[]): string {
  if (servers.length === 0) return context.text({ en: 'no database servers', zh: '没有数据库服务器' });
  const titles = [
    { en: 'Name', zh: '名称' },
    { en: 'Login', zh: '登录' },
    { en: 'TLS', zh: 'TLS' },
    { en: 'State', zh: '状态' },
    { en: 'Changed', zh: '上次更换' },
    { en: 'Due', zh: '下次更换' },
    { en: 'Failure', zh: '故障' },
  ].map((title) => ({ title: context.text(title) }));
  const rows = servers.map((server) => {
    const { name, role, host, port, database, tls, rotatedMs, dueMs, failure } = server;
    const isReady = server.state === 'ready';
    return [
      name,
      `${role}@${host}:${port}/${database}`,
      context.text(tls ? { en: 'verified', zh: '已验证' } : { en: 'this machine', zh: '本机' }),
      context.text(stateOf(server)),
      isReady ? day(rotatedMs) : '-',
      isReady ? day(dueMs) : '-',
      failure || '-',
    ];
  });
  return formatTable(titles, rows);
}

function stateOf({ state, unfinished }: ServerMessage): { en: string; zh: string } {
  if (state !== 'ready') return { en: 'not set up', zh: '未完成建立' };
  return unfinished ? { en: 'changing', zh: '更换中' } : { en: 'ready', zh: '正常' };
}

/** Field by field: the loader leaves markers of its own. */
function document(server: ServerMessage): object {
  const { name, host, port, database, role, tls, rotateDays, state, unfinished, failure } = server;
  const isReady = state === 'ready';
  return {
    name,
    host,
    port,
    database,
    role,
    tls,
    rotateDays,
    state,
    unfinished,
    failure: failure || null,
    rotated: isReady ? new Date(server.rotatedMs).toISOString() : null,
    due: isReady ? new Date(server.dueMs).toISOString() : null,
  };
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}
