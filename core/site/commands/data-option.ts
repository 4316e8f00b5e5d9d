import type { CliContext, Command } from '../../cli/context.ts';
import { addOption, groups } from '../../cli/options.ts';

/** `--data`, for which TONGBU_DATA stands in. */
export function addDataOption(
  command: Command,
  context: CliContext,
  { optional = false }: { readonly optional?: boolean } = {},
): void {
  const folder = context.environment['TONGBU_DATA'];
  addOption(command, context, {
    flags: '--data <folder>',
    text: { en: 'data folder of the site, also TONGBU_DATA', zh: '站点数据目录，也可用 TONGBU_DATA' },
    group: groups.data,
    ...(folder ? { default: folder } : { mandatory: !optional }),
  });
}
