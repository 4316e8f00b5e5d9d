import type { CliContext, Command } from '../../core/cli/context.ts';
import { addExamples, addOption, groups, wholeNumber } from '../../core/cli/options.ts';
import { printData, printDocument, printNote } from '../../core/cli/output.ts';
import { formatCount, formatTable } from '../../core/cli/table.ts';
import { type Dataset, type Entity, entityOf, parseKey } from '../../core/records/dataset.ts';
import { datasetOf } from '../../core/records/datasets.ts';
import { addLocalOptions, connectLocal, type LocalOptions } from '../../core/site/commands/local-options.ts';
import { printed, type RecordFields, recordText } from '../../core/site/commands/record-text.ts';
import type { SiteConnection } from '../../core/site/commands/site-connection.ts';

interface ListOptions extends LocalOptions {
  readonly entity?: string;
  readonly key?: string;
  readonly limit: number;
}

/** StoredRow of node.proto, as it comes. */
interface RowMessage {
  readonly key: string;
  readonly ver: number;
  readonly index: number;
  readonly json: string;
}

interface Row extends Omit<RowMessage, 'json'> {
  readonly fields: RecordFields;
}

const pageRows = 1_000;
/** Fields beside the key that a table of rows shows: more do not fit on a screen. */
const fieldsShown = 5;

/** `tongbu node list`: stored rows; identity is masked. */
export function register(command: Command, context: CliContext): void {
  command.argument(
    '<dataset>',
    context.text({
      en: 'persons, enrollment, claims or catalog',
      zh: 'persons、enrollment、claims 或 catalog',
    }),
  );
  addLocalOptions(command, context);
  addOption(command, context, {
    flags: '--entity <name>',
    text: { en: 'kind of row, where the dataset has several', zh: '记录类型（数据集含多种记录时）' },
    group: groups.data,
  });
  addOption(command, context, {
    flags: '--key <key>',
    text: { en: 'this one row', zh: '只看该记录' },
    group: groups.data,
  });
  addOption(command, context, {
    flags: '--limit <number>',
    text: { en: 'rows at most', zh: '最多行数' },
    group: groups.output,
    default: 20,
    parse: wholeNumber('--limit', 1, 100_000),
  });
  addExamples(command, context, [
    {
      line: 'tongbu node list claims --entity claim --data county',
      text: { en: 'the first claims in order of their key', zh: '按主键顺序列出结算记录' },
    },
    {
      line: 'tongbu node list persons --key person/43012100000001 --data county',
      text: { en: 'one person; name and numbers are masked', zh: '查看一人；姓名和号码已脱敏' },
    },
  ]);
  command.action((name: string, options: ListOptions) => list(context, datasetOf(name), options));
}

async function list(context: CliContext, dataset: Dataset, options: ListOptions): Promise<void> {
  const { key, limit } = options;
  // A wrong key or kind of row is told before anybody is asked.
  const entity = key === undefined ? entityOf(dataset, options.entity) : parseKey(dataset, key).entity;
  using connection = await connectLocal(context, options, 'node');
  if (key !== undefined) {
    const request = { dataset: dataset.name, key };
    const { row } = await connection.unary<{ row: RowMessage }>(['node', 'Intake', 'get'], request);
    return printOne(context, dataset, entity, opened(row));
  }
  const { rows, more } = await pages(connection, dataset, entity, limit);
  if (context.json) return printDocument(context, { dataset: dataset.name, entity: entity.name, rows, more });
  printData(context, table(context, entity, rows));
  const text = { en: `${formatCount(rows.length)} rows`, zh: `${formatCount(rows.length)} 行` };
  const rest = { en: '; there are more, see --limit', zh: '；还有更多，参见 --limit' };
  printNote(context, context.text(text) + (more ? context.text(rest) : ''));
}

async function pages(
  connection: SiteConnection,
  dataset: Dataset,
  entity: Entity,
  limit: number,
): Promise<{ rows: Row[]; more: boolean }> {
  const rows: Row[] = [];
  let pageToken = '';
  do {
    const pageSize = Math.min(pageRows, limit - rows.length);
    const request = { dataset: dataset.name, entity: entity.name, pageSize, pageToken };
    const answer = await connection.unary<{ rows: RowMessage[]; nextPageToken: string }>(
      ['node', 'Intake', 'list'],
      request,
    );
    rows.push(...answer.rows.map(opened));
    pageToken = answer.nextPageToken;
  } while (pageToken !== '' && rows.length < limit);
  return { rows, more: pageToken !== '' };
}

function opened({ key, ver, index, json }: RowMessage): Row {
  return { key, ver, index, fields: JSON.parse(json) as RecordFields };
}

function printOne(context: CliContext, dataset: Dataset, entity: Entity, row: Row): void {
  if (context.json) {
    printDocument(context, { dataset: dataset.name, entity: entity.name, rows: [row], more: false });
    return;
  }
  const { key, ver, index, fields } = row;
  const head = {
    en: `${key}, version ${ver}, entry ${index} of the log`,
    zh: `${key}，第 ${ver} 版，日志第 ${index} 条`,
  };
  printData(context, `${context.text(head)}\n\n${recordText(context, dataset, entity.name, fields)}`);
}

function table(context: CliContext, { key, fields }: Entity, rows: readonly Row[]): string {
  const filled = fields.filter(({ name }) => rows.some((row) => row.fields[name] !== undefined));
  const shown = filled.filter(({ name }) => !key.includes(name)).slice(0, fieldsShown);
  const columns = [
    { title: context.text({ en: 'key', zh: '键' }) },
    { title: context.text({ en: 'version', zh: '版本' }), align: 'right' },
    { title: context.text({ en: 'entry', zh: '序号' }), align: 'right' },
    ...shown.map((field) => ({ title: context.text({ en: field.name, zh: field.zh }) })),
  ] as const;
  return formatTable(
    columns,
    rows.map((row) => [
      row.key,
      String(row.ver),
      String(row.index),
      ...shown.map(({ name }) => (row.fields[name] === undefined ? '' : printed(row.fields[name]))),
    ]),
  );
}
