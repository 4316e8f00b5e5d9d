import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fault } from '../../core/base/errors.ts';
import type { CliContext, Command } from '../../core/cli/context.ts';
import { addExamples, addOption, wholeNumber } from '../../core/cli/options.ts';
import { DemoRun, writeFigures } from './run-demo.ts';

interface DemoArguments {
  readonly data?: string;
  readonly folder?: string;
  readonly persons: number;
  readonly keep?: boolean;
  readonly keepData?: boolean;
  readonly json?: string;
}

export function register(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--data <folder>',
    text: {
      en: 'load real files from this folder instead of made-up ones',
      zh: '装载该目录中的真实文件，而非生成的数据',
    },
  });
  addOption(command, context, {
    flags: '--persons <number>',
    text: { en: 'persons of each county, when rows are made up', zh: '每县人数(生成数据时)' },
    parse: wholeNumber('--persons', 10, 1_000_000),
    default: 2_000,
  });
  addOption(command, context, {
    flags: '--keep',
    text: { en: 'leave the sites running until Ctrl-C', zh: '保持站点运行，直到按 Ctrl-C' },
  });
  addOption(command, context, {
    flags: '--keep-data',
    text: { en: 'leave the data folders', zh: '保留数据目录' },
  });
  addOption(command, context, {
    flags: '--folder <folder>',
    text: {
      en: 'where to put everything; a new temporary folder otherwise',
      zh: '存放位置；默认新建临时目录',
    },
  });
  addOption(command, context, {
    flags: '--json <file>',
    text: { en: 'write the figures to this file', zh: '将统计数字写入该文件' },
  });
  addExamples(command, context, [
    { line: 'npm run demo', text: { en: 'about a minute, nothing to install', zh: '约一分钟，无需安装' } },
    { line: 'npm run demo -- --keep', text: { en: 'and look around afterwards', zh: '结束后可继续查看' } },
  ]);
  command.action(async () => {
    const given = command.opts<DemoArguments>();
    const folder = given.folder ? resolve(given.folder) : mkdtempSync(join(tmpdir(), 'tongbu-demo-'));
    // What is not ours is never written into, nor deleted afterwards.
    if (existsSync(folder) && readdirSync(folder).length > 0) throw fault('TB1609', { path: folder });
    const run = new DemoRun(context, {
      folder,
      data: given.data === undefined ? undefined : resolve(given.data),
      persons: given.persons,
      keep: given.keep ?? false,
      keepData: given.keepData ?? false,
    });
    const figures = await run.run();
    if (given.json !== undefined) writeFigures(given.json, figures);
  });
}
