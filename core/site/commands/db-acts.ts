import { readFileSync } from 'node:fs';
import { Fault, fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { printData, printFault, printNote, printResult } from '../../cli/output.ts';
import { promptLine } from '../../cli/prompt.ts';
import { formatTable } from '../../cli/table.ts';
import { queryLimits } from '../databases/query-limits.ts';
import { splitSql, sqlPieces } from '../databases/sql-text.ts';
import type { OpenOptions, RequestOptions } from './db-command.ts';
import { documentOf, type ResultMessage, textOf } from './db-result.ts';
import { operatorIn } from './seal/officer-in.ts';
import { connectTarget } from './seal-target.ts';
import type { TargetOptions } from './seal-target-options.ts';
import type { SiteConnection } from './site-connection.ts';

const methods = {
  request: ['database', 'Database', 'requestAccess'],
  open: ['database', 'Database', 'openSession'],
  run: ['database', 'Database', 'runStatement'],
  close: ['database', 'Database', 'closeSession'],
  sessions: ['database', 'Database', 'listSessions'],
} as const;

interface SessionMessage {
  readonly id: string;
  readonly file: string;
  readonly openedBy: string;
  readonly openedMs: number;
  readonly expiresMs: number;
  readonly statements: number;
}

/** A statement is ended by the site before this. */
const answerMs = queryLimits.statementMs + 15_000;

/** More than a person writes (I7). */
const scriptBytesMax = 1024 * 1024;

export async function request(
  context: CliContext,
  options: RequestOptions,
  program: 'node' | 'hub',
): Promise<void> {
  const { connection } = await connectTarget(context, options, operatorIn);
  using _closed = connection;
  const { reason, minutes, file } = options;
  const order = { reason, minutes, file };
  const asked = await connection.unary<{ id: string; expiresMs: number; required: number }>(
    methods.request,
    order,
  );
  const { id, required } = asked;
  const document = { id, file, minutes, required, expires: time(asked.expiresMs) };
  printResult(context, document, () =>
    context.text({
      en: `Request ${id} waits for ${required} officers other than you: \`tongbu seal approve ${id}\`.
Then, before ${time(asked.expiresMs)}: \`tongbu ${program} db open ${id}\`.`,
      zh: `申请 ${id} 等待除您以外的 ${required} 名安全员批准：\`tongbu seal approve ${id}\`。
批准后，请在 ${time(asked.expiresMs)} 之前执行：\`tongbu ${program} db open ${id}\`。`,
    }),
  );
}

export async function open(context: CliContext, id: string, options: OpenOptions): Promise<void> {
  // Read before anything is opened: a wrong file name must not use up an approval.
  const script = await scriptOf(context, options);
  const { connection } = await connectTarget(context, options, operatorIn);
  using _closed = connection;
  const { session } = await connection.unary<{ session: SessionMessage }>(methods.open, { id }, answerMs);
  const until = time(session.expiresMs);
  printNote(
    context,
    context.text({
      en: `${session.file}, read-only, until ${until}. Every statement goes into the audit log.`,
      zh: `${session.file}，只读，至 ${until}。每条语句都会写入审计日志。`,
    }),
  );
  try {
    if (script === undefined) await converse(context, connection, id, options);
    else await runAll(context, connection, session, splitSql(script), options);
  } finally {
    if (options.keep !== true) await closeQuietly(connection, id);
  }
}

export async function close(context: CliContext, id: string, options: TargetOptions): Promise<void> {
  const { connection } = await connectTarget(context, options, operatorIn);
  using _closed = connection;
  await connection.unary(methods.close, { id });
  printResult(context, { id, closed: true }, () =>
    context.text({ en: `Session ${id} is closed.`, zh: `会话 ${id} 已关闭。` }),
  );
}

export async function sessions(context: CliContext, options: TargetOptions): Promise<void> {
  const { connection } = await connectTarget(context, options, operatorIn);
  using _closed = connection;
  const answer = await connection.unary<{ sessions: readonly SessionMessage[] }>(methods.sessions);
  const found = answer.sessions.map(({ openedMs, expiresMs, ...session }) => ({
    ...session,
    opened: time(openedMs),
    expires: time(expiresMs),
  }));
  const titles = [
    { en: 'session', zh: '会话' },
    { en: 'file', zh: '文件' },
    { en: 'of', zh: '所属' },
    { en: 'until', zh: '到期' },
    { en: 'statements', zh: '语句数' },
  ].map((text) => ({ title: context.text(text) }));
  const rows = found.map((s) => [s.id, s.file, s.openedBy, s.expires, String(s.statements)]);
  const none = context.text({ en: 'No database session is open.', zh: '没有打开中的数据库会话。' });
  printResult(context, { site: connection.site, sessions: found }, () =>
    rows.length === 0 ? none : formatTable(titles, rows),
  );
}

async function runAll(
  context: CliContext,
  connection: SiteConnection,
  { id, file, expiresMs }: SessionMessage,
  statements: readonly string[],
  { format }: OpenOptions,
): Promise<void> {
  const results: object[] = [];
  for (const sql of statements) {
    const result = await connection.unary<ResultMessage>(methods.run, { id, sql }, answerMs);
    if (context.json) results.push(documentOf(result));
    else printData(context, textOf(context, result, format));
  }
  if (context.json) printResult(context, { id, file, expires: time(expiresMs), results }, () => '');
}

/** Refusals of a statement are said and the next one is asked for; anything else ends the conversation. */
async function converse(
  context: CliContext,
  connection: SiteConnection,
  id: string,
  { format }: OpenOptions,
): Promise<void> {
  const goOn: readonly string[] = ['TB1913', 'TB1914', 'TB1915', 'TB1917'];
  for (;;) {
    const sql = await nextStatement(context);
    if (sql === undefined) return;
    try {
      const result = await connection.unary<ResultMessage>(methods.run, { id, sql }, answerMs);
      printData(context, textOf(context, result, format));
    } catch (error) {
      if (!(error instanceof Fault) || !goOn.includes(error.code)) throw error;
      printFault(context, error);
    }
  }
}

/** Lines up to one that ends in a semicolon; undefined at `.quit` and at the end of the input. */
async function nextStatement(context: CliContext): Promise<string | undefined> {
  let lines = '';
  for (;;) {
    const question = lines === '' ? { en: 'sql', zh: 'sql' } : { en: '...', zh: '...' };
    const line = await promptLine(context, question).catch((error: unknown) => {
      if (error instanceof Fault && error.code === 'TB1019') return '.quit';
      throw error;
    });
    if (line.trim() === '.quit') return undefined;
    lines += `${line}\n`;
    const last = sqlPieces(lines).findLast(({ kind }) => kind !== 'space');
    if (!last) lines = '';
    else if (last.kind === 'sign' && last.text === ';') return splitSql(lines).join(';');
  }
}

/** Undefined where a person types. Throws TB1003, TB1020. */
async function scriptOf({ stdin }: CliContext, { sqlFile }: OpenOptions): Promise<string | undefined> {
  if (sqlFile !== undefined) {
    try {
      return readFileSync(sqlFile, 'utf8');
    } catch (error) {
      throw fault('TB1003', { path: sqlFile }, error);
    }
  }
  if (stdin.isTTY) return undefined;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stdin as AsyncIterable<Buffer | string>) {
    parts.push(Buffer.from(part));
    bytes += parts.at(-1)?.length ?? 0;
    if (bytes > scriptBytesMax) throw fault('TB1020', { max: scriptBytesMax });
  }
  return Buffer.concat(parts).toString('utf8');
}

/** It may have ended by itself meanwhile, or with the site. */
async function closeQuietly(connection: SiteConnection, id: string): Promise<void> {
  try {
    await connection.unary(methods.close, { id });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
