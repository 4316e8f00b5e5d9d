import { fault } from '../../core/base/errors.ts';
import type { CliContext, Command } from '../../core/cli/context.ts';
import { addExamples } from '../../core/cli/options.ts';
import { addLoadOptions, type LoadOptions, loadFile } from '../../core/site/commands/load-command.ts';

/** What people publish; the registry is written by enrolment alone. */
const published = ['catalog'] as const;

/** `tongbu hub publish`: rows of a file into a log that goes down to all sites. */
export function register(command: Command, context: CliContext): void {
  command.argument('<dataset>', context.text({ en: 'catalog', zh: 'catalog（目录）' }));
  command.argument('<file>', context.text({ en: 'CSV or NDJSON', zh: 'CSV 或 NDJSON 文件' }));
  addLoadOptions(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu hub publish catalog drugs.csv --data province',
      text: {
        en: 'every county has it as soon as its link is up',
        zh: '各县链路恢复后即收到',
      },
    },
  ]);
  command.action((dataset: string, file: string, options: LoadOptions) => {
    if (!published.some((name) => name === dataset)) {
      throw fault('TB1605', { dataset: dataset.slice(0, 40), datasets: published.join(', ') });
    }
    return loadFile(context, file, dataset, options, 'hub');
  });
}
