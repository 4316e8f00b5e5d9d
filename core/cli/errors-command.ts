import { entryOf, errorCodes, fault, isErrorCode } from '../base/errors.ts';
import type { CliContext, Command } from './context.ts';
import { wrap } from './display-width.ts';
import { addExamples } from './options.ts';
import { exitCodeOf, printResult } from './output.ts';
import { formatTable } from './table.ts';

/** `tongbu errors [CODE]`: what a code means and what to do, or the list of all. */
export function register(command: Command, context: CliContext): void {
  command
    .argument(
      '[code]',
      context.text({ en: 'an error code, for example TB1203', zh: '错误代码，例如 TB1203' }),
    )
    .action((code: string | undefined) => (code === undefined ? list(context) : explainCode(code, context)));
  addExamples(command, context, [
    { line: 'tongbu errors TB1003', text: { en: 'what it means, what to do', zh: '含义和处理办法' } },
    { line: 'tongbu errors --json', text: { en: 'all codes as data', zh: '以数据形式列出全部代码' } },
  ]);
}

function list(context: CliContext): void {
  const rows = errorCodes().map((code) => ({ code, exit: exitCodeOf(code), ...entryOf(code) }));
  printResult(context, { errors: rows }, () =>
    formatTable(
      [
        { title: context.text({ en: 'code', zh: '代码' }) },
        { title: context.text({ en: 'exit', zh: '退出码' }), align: 'right' },
        { title: context.text({ en: 'meaning', zh: '含义' }) },
      ],
      rows.map((row) => [row.code, String(row.exit), context.text(row)]),
    ),
  );
}

function explainCode(given: string, context: CliContext): void {
  const code = given.toUpperCase();
  if (!isErrorCode(code)) throw fault('TB1017', { code: /^\w{1,10}$/.test(code) ? code : '?' });
  const entry = entryOf(code);
  printResult(context, { code, exit: exitCodeOf(code), ...entry }, () => {
    const hint = context.text({ en: entry.hintEn, zh: entry.hintZh });
    const retry = context.text({ en: 'Tongbu tries again by itself.', zh: 'Tongbu 会自动重试。' });
    const exit = context.text({ en: `Exit code ${exitCodeOf(code)}.`, zh: `退出码 ${exitCodeOf(code)}。` });
    const lines = [`${code}  ${context.text(entry)}`, `→ ${hint}`, ...(entry.retry ? [retry] : []), exit];
    return lines.map((line) => wrap(line, 100)).join('\n');
  });
}
