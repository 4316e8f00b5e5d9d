import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { displayWidth, wrap } from './display-width.ts';

const titles: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Options:': '选项：',
  'Commands:': '命令：',
  'Global Options:': '全局选项：',
};

const usageWords: readonly (readonly [string, string])[] = [
  ['[options]', '[选项]'],
  ['[command]', '[命令]'],
];

const extras: readonly (readonly [RegExp, string])[] = [
  [/\(default: /, '(默认：'],
  [/\(choices: /, '(可选：'],
  [/, default: /, '，默认：'],
  [/(\(|, )env: /, '$1环境变量：'],
];

/** Widest help text: longer lines are hard to read, and Chinese ones hard to follow. */
const widthMax = 110;

/** Makes commander's help speak the reader's language and align Chinese; subcommands inherit it. */
export function configureHelp(program: Command, context: CliContext): void {
  const chinese = context.language === 'zh';
  program.configureHelp({
    displayWidth,
    boxWrap: (text, width) => wrap(text, width),
    styleTitle: (title) => (chinese ? (titles[title] ?? title) : title),
    styleUsage: (usage) => (chinese ? translateUsage(usage) : usage),
    styleOptionDescription: (text) => (chinese ? translateExtras(text) : text),
  });
  const width = Math.min(context.stdout.columns ?? 80, widthMax);
  program.configureOutput({
    writeOut: (text) => void context.stdout.write(text),
    // Help that was asked for by a wrong call, and nothing else: errors are printed by printFault.
    writeErr: (text) => void context.stderr.write(text),
    outputError: () => {},
    getOutHelpWidth: () => width,
    getErrHelpWidth: () => width,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  program.helpOption('-h, --help', context.text({ en: 'show this help', zh: '显示本帮助' }));
  program.helpCommand(
    'help [command]',
    context.text({ en: 'show the help of a command', zh: '显示某个命令的帮助' }),
  );
  program.addHelpText('afterAll', () => closing(context));
}

function translateUsage(usage: string): string {
  return usageWords.reduce((text, [word, translated]) => text.replaceAll(word, translated), usage);
}

function translateExtras(description: string): string {
  return extras.reduce((text, [pattern, translated]) => text.replace(pattern, translated), description);
}

function closing(context: CliContext): string {
  return context.text({
    en: `
Exit codes: 0 done, 1 failed, 2 wrong use, 3 sealed, 4 partly done. TONGBU_LANG=zh 显示中文帮助。`,
    zh: `
退出码：0 完成，1 失败，2 用法错误，3 已封存，4 部分完成。TONGBU_LANG=en shows this in English.`,
  });
}
