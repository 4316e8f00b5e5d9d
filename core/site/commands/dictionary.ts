import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { printDocument } from '../../cli/output.ts';
import { datasetOf, datasets } from '../../records/datasets.ts';
import { printDictionary } from '../../records/dictionary.ts';

/** `tongbu records dictionary`: the fields of the datasets, for clerks and for programs. */
export function register(command: Command, context: CliContext): void {
  command.argument(
    '[dataset]',
    context.text({ en: 'one dataset; all of them when not given', zh: '一个数据集；缺省为全部' }),
  );
  addOption(command, context, {
    flags: '--format <format>',
    text: { en: 'how it is printed', zh: '输出格式' },
    group: groups.output,
    choices: ['markdown', 'json'],
    default: 'markdown',
  });
  addExamples(command, context, [
    {
      line: 'tongbu records dictionary claims',
      text: { en: 'fields, types, rules and examples of claims', zh: '结算数据集的字段、类型、规则和示例' },
    },
    {
      line: 'tongbu records dictionary --format json > dictionary.json',
      text: { en: 'all of them as data', zh: '以数据形式输出全部' },
    },
  ]);
  command.action((name: string | undefined, { format }: { readonly format: 'markdown' | 'json' }) =>
    print(context, name, context.json ? 'json' : format),
  );
}

function print(context: CliContext, name: string | undefined, format: 'markdown' | 'json'): void {
  const chosen = name === undefined ? datasets : [datasetOf(name)];
  const texts = chosen.map((dataset) => printDictionary(dataset, context.language, format));
  if (format === 'json')
    printDocument(context, { datasets: texts.map((text) => JSON.parse(text) as unknown) });
  else context.stdout.write(texts.join('\n'));
}
