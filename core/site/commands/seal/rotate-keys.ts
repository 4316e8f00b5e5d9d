import { Fault, fault } from '../../../base/errors.ts';
import type { CliContext } from '../../../cli/context.ts';
import { printFault, printNote, printResult } from '../../../cli/output.ts';
import { Progress } from '../../../cli/progress.ts';
import { connectTarget } from '../seal-target.ts';
import type { SiteConnection } from '../site-connection.ts';
import { operatorIn } from './officer-in.ts';
import type { RotateKeysOptions } from './rotate-keys-command.ts';

const methods = {
  request: ['database', 'Database', 'requestRekey'],
  progress: ['database', 'Database', 'getRekey'],
  approvals: ['approvals', 'Approvals', 'listRequests'],
} as const;

/** GetRekey, as it comes. */
interface RekeyMessage {
  readonly state: 'none' | 'running' | 'finished' | 'unfinished';
  readonly keyEpoch: number;
  readonly files: number;
  readonly done: number;
  readonly current: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly problems: readonly { readonly file: string; readonly code: string; readonly text: string }[];
}

interface RequestMessage {
  readonly id: string;
  readonly expiresMs: number;
  readonly required: number;
}

const lookEveryMs = 1_000;

/** Asks for another key for all databases; no share is needed for it, but an officer other than the asker. */
export async function rotateKeys(context: CliContext, options: RotateKeysOptions): Promise<void> {
  const { reason, status = false, wait = false } = options;
  if (!status && reason === undefined) {
    throw fault('TB1010', { option: '--reason', command: 'tongbu seal rotate-keys' });
  }
  const { connection } = await connectTarget(context, options, operatorIn);
  using _closed = connection;
  if (status) return printProgress(context, await progressOf(connection));
  const before = await progressOf(connection);
  const asked = await connection.unary<RequestMessage>(methods.request, { reason });
  const { id, required } = asked;
  const expires = new Date(asked.expiresMs).toISOString();
  const words = {
    en: `Request ${id}: nothing changes before an officer other than you approves it, until ${expires}.\n  → \`tongbu seal approve ${id}\``,
    zh: `申请 ${id}：须由您以外的一名安全员在 ${expires} 之前批准，在此之前一切不变。\n  → \`tongbu seal approve ${id}\``,
  };
  if (!wait) return printResult(context, { id, required, expires }, () => context.text(words));
  printNote(context, context.text(words));
  await approved(context, connection, id);
  printProgress(context, await finished(context, connection, before.startedMs));
}

/** Returns when the request was approved. Throws TB1901 when it ends in another way. */
async function approved(context: CliContext, connection: SiteConnection, id: string): Promise<void> {
  for (;;) {
    const state = await tolerant(async () => {
      const { requests } = await connection.unary<{ requests: readonly { id: string; state: string }[] }>(
        methods.approvals,
        { state: '' },
      );
      return requests.find((request) => request.id === id)?.state ?? 'expired';
    });
    // Closed for its new key: then it was approved.
    if (state === undefined || state === 'approved' || state === 'done') return;
    if (state !== 'open') throw fault('TB1901', { id, state });
    await context.clock.sleep(lookEveryMs, context.signal);
    if (context.signal.aborted) throw fault('TB1018');
  }
}

async function finished(
  context: CliContext,
  connection: SiteConnection,
  startedBeforeMs: number,
): Promise<RekeyMessage> {
  let bar: Progress | undefined;
  try {
    for (;;) {
      const found = await tolerant(() => progressOf(connection));
      const begun = found !== undefined && found.startedMs > startedBeforeMs;
      if (begun && found.state !== 'running') return found;
      if (begun) {
        const text = { en: 'Databases with their new key', zh: '已换用新密钥的数据库' };
        bar ??= new Progress(context, { text, total: found.files });
        bar.update(found.done);
      }
      await context.clock.sleep(lookEveryMs, context.signal);
      if (context.signal.aborted) throw fault('TB1018');
    }
  } finally {
    bar?.[Symbol.dispose]();
  }
}

/** Undefined while the site closes and opens around its databases. */
async function tolerant<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const passing = error instanceof Fault && (error.retry || ['TB1601', 'TB1916'].includes(error.code));
    if (passing) return undefined;
    throw error;
  }
}

function progressOf(connection: SiteConnection): Promise<RekeyMessage> {
  return connection.unary<RekeyMessage>(methods.progress);
}

/** Exit code 4 when files kept their old key. */
function printProgress(context: CliContext, found: RekeyMessage): void {
  const { state, files, done, startedMs, endedMs, problems } = found;
  const time = (ms: number) => (ms === 0 ? null : new Date(ms).toISOString());
  const { startedMs: _started, endedMs: _ended, ...rest } = found;
  printResult(context, { ...rest, started: time(startedMs), ended: time(endedMs) }, () =>
    [
      context.text(sentences[state]),
      ...(state === 'none'
        ? []
        : [context.text({ en: `${done} of ${files} files`, zh: `${done}/${files} 个文件` })]),
      ...problems.map(({ file, code, text }) => `✗ ${file}: ${code} ${text}`),
    ].join('\n'),
  );
  const left = files - done;
  if (state !== 'unfinished' && problems.length === 0) return;
  if (!context.json) printFault(context, fault('TB1921', { left, files }));
  context.exitCode = 4;
}

const sentences = {
  none: { en: 'The keys have not been changed since the start.', zh: '自启动以来未更换过密钥。' },
  running: { en: 'The databases are being given their new key.', zh: '正在为数据库更换密钥。' },
  finished: { en: 'All databases have the new key.', zh: '全部数据库均已换用新密钥。' },
  unfinished: {
    en: 'Some files have their old key; the next opening of the site goes on.',
    zh: '部分文件仍使用旧密钥；下次解封站点时将继续。',
  },
} as const;
