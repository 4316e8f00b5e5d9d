import type { CliContext, Command } from '../../core/cli/context.ts';
import { addExamples, addOption, groups } from '../../core/cli/options.ts';
import { addLoadOptions, type LoadOptions, loadFile } from '../../core/site/commands/load-command.ts';

/** `tongbu node load`: rows of a file into a dataset of the county. */
export function register(command: Command, context: CliContext): void {
  command.argument('<file>', context.text({ en: 'CSV or NDJSON', zh: 'CSV 或 NDJSON 文件' }));
  addOption(command, context, {
    flags: '--dataset <name>',
    text: { en: 'persons, enrollment or claims', zh: 'persons、enrollment 或 claims' },
    group: groups.data,
    mandatory: true,
  });
  addLoadOptions(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu node load persons.csv --data county --dataset persons --encoding gb18030',
      text: {
        en: 'good rows go in, refused ones into persons.rejects.csv; exit code 4 when there are any',
        zh: '正确的行入库，被拒绝的行写入 persons.rejects.csv；有拒绝时退出码为 4',
      },
    },
    {
      line: 'tongbu node load claims.ndjson --data county --dataset claims --dry-run',
      text: { en: 'what would happen', zh: '只看将发生什么' },
    },
  ]);
  command.action((file: string, options: LoadOptions & { readonly dataset: string }) =>
    loadFile(context, file, options.dataset, options, 'node'),
  );
}
