import type { CliContext, Command } from '../../core/cli/context.ts';
import { addExamples } from '../../core/cli/options.ts';
import { printResult } from '../../core/cli/output.ts';
import { formatCount, formatDuration, formatTable } from '../../core/cli/table.ts';
import { addLocalOptions, connectLocal, type LocalOptions } from '../../core/site/commands/local-options.ts';
import { ago, stateWord, titles } from '../../core/site/commands/status-view.ts';

/** AdmittedSite of hub.proto, as it comes. */
interface SiteMessage {
  readonly site: string;
  readonly name: string;
  readonly tier: string;
  readonly state: string;
  readonly entries: number;
  readonly lagEntries: number;
  readonly lagMs: number;
  readonly heardAgoMs?: number;
  readonly logs: number;
}

/** `tongbu hub sites`: who is admitted, and how it goes with each. */
export function register(command: Command, context: CliContext): void {
  addLocalOptions(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu hub sites --data province',
      text: {
        en: 'every admitted site: state, entries, lag, last heard',
        zh: '已准入站点：状态、条目、滞后、最近联系',
      },
    },
  ]);
  command.action((options: LocalOptions) => sites(context, options));
}

async function sites(context: CliContext, options: LocalOptions): Promise<void> {
  using connection = await connectLocal(context, options, 'hub');
  const answer = await connection.unary<{ sites: readonly SiteMessage[] }>(['hub', 'Hub', 'listSites']);
  printResult(context, { sites: answer.sites.map(document) }, () => table(context, answer.sites));
}

/** Field by field: the loader leaves markers at optional ones. */
function document({ site, name, tier, state, entries, lagEntries, lagMs, heardAgoMs, logs }: SiteMessage) {
  return { site, name, tier, state, entries, lagEntries, lagMs, heardAgoMs: heardAgoMs ?? null, logs };
}

function table(context: CliContext, rows: readonly SiteMessage[]): string {
  const columns = titles(context, [
    ['site', '站点'],
    ['name', '名称'],
    ['tier', '层级'],
    ['state', '状态'],
    ['logs', '日志', 'right'],
    ['entries', '条目数', 'right'],
    ['lag', '滞后条目', 'right'],
    ['since', '滞后时间', 'right'],
    ['heard', '最近联系', 'right'],
  ]);
  return formatTable(
    columns,
    rows.map(({ site, name, tier, state, logs, entries, lagEntries, lagMs, heardAgoMs }) => [
      site,
      name,
      tier,
      stateWord(context, state),
      formatCount(logs),
      formatCount(entries),
      formatCount(lagEntries),
      lagMs === 0 ? '' : formatDuration(lagMs),
      ago(heardAgoMs),
    ]),
  );
}
