import { basename, resolve } from 'node:path';
import { explain, fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addOption, groups } from '../../cli/options.ts';
import { printNote, printResult } from '../../cli/output.ts';
import { Progress } from '../../cli/progress.ts';
import { formatCount } from '../../cli/table.ts';
import type { Dataset } from '../../records/dataset.ts';
import { datasetOf } from '../../records/datasets.ts';
import { RejectFile } from '../../records/reject-file.ts';
import { type Encoding, encodingOf } from '../../records/text-file.ts';
import { type LoadFile, loadFileOf } from './load-file.ts';
import { type Portion, portionsOf } from './load-portions.ts';
import { loadDocument, loadText } from './load-report.ts';
import { LoadTally, type RowsMessage } from './load-tally.ts';
import { addLocalOptions, connectLocal, type LocalOptions } from './local-options.ts';
import { type SealAnswer, sealMethods } from './seal-message.ts';
import type { SiteConnection } from './site-connection.ts';

export interface LoadOptions extends LocalOptions {
  readonly entity?: string;
  readonly encoding: Encoding;
  readonly map?: string;
  readonly migrated?: boolean;
  readonly dryRun?: boolean;
  readonly rejects?: string;
}

/** Portions under way: the site works on one while the next are read and sent. */
const ahead = 4;

/** Options of `node load` and `hub publish` alike. */
export function addLoadOptions(command: Command, context: CliContext): void {
  addLocalOptions(command, context);
  addOption(command, context, {
    flags: '--entity <name>',
    text: { en: 'kind of row, where the dataset has several', zh: '记录类型（数据集含多种记录时）' },
    group: groups.data,
  });
  addOption(command, context, {
    flags: '--encoding <name>',
    text: { en: 'utf-8 or gb18030', zh: 'utf-8 或 gb18030' },
    group: groups.data,
    default: 'utf-8',
    parse: encodingOf,
  });
  addOption(command, context, {
    flags: '--map <file>',
    text: { en: 'JSON object from field names to column names', zh: '字段名到列名的 JSON 对照文件' },
    group: groups.data,
  });
  addOption(command, context, {
    flags: '--migrated',
    text: { en: 'rows of a legacy system: some rules warn only', zh: '旧系统迁移数据：部分规则只提示' },
    group: groups.data,
  });
  addOption(command, context, {
    flags: '--dry-run',
    text: { en: 'say what would happen, store nothing', zh: '只说明将发生什么，不存储' },
  });
  addOption(command, context, {
    flags: '--rejects <file>',
    text: {
      en: 'where refused rows go; FILE.rejects.csv beside the file when not given',
      zh: '被拒绝行的输出文件；缺省为同目录的 文件名.rejects.csv',
    },
    group: groups.output,
  });
}

/** Loads a file into a dataset of the running site. Sets exit code 4 when rows were refused. */
export async function loadFile(
  context: CliContext,
  path: string,
  datasetName: string,
  options: LoadOptions,
  program: 'node' | 'hub',
): Promise<void> {
  const dataset = datasetOf(datasetName);
  const file = loadFileOf(path, dataset, options);
  const dryRun = options.dryRun === true;
  const rejects = new Rejects(file, options.rejects, dryRun);
  const tally = new LoadTally((portion, row, findings) => rejects.write(portion, row, findings));
  await requireOpen(context, options, program);
  using connection = await connectLocal(context, options, program, 'open');
  const started = context.clock.monotonicMs();
  try {
    await load(context, connection, dataset, file, options, tally);
  } catch (error) {
    if (tally.rows > 0) printNote(context, brokenOff(context, tally));
    throw error;
  } finally {
    rejects.close();
  }
  const seconds = (context.clock.monotonicMs() - started) / 1_000;
  const { rows, refused } = tally;
  const summary = { file: path, dataset: dataset.name, dryRun, rejects: rejects.writtenTo, seconds };
  printResult(context, loadDocument(summary, tally), () => loadText(context, summary, tally));
  if (refused === 0) return;
  context.exitCode = 4;
  if (context.json || summary.rejects === undefined) return;
  const parameters = { failed: refused, rows, path: summary.rejects };
  const [sentence, hint] = explain('TB1610', parameters, context.language);
  printNote(context, `TB1610 ${sentence}\n       → ${hint}`);
}

/** What is durable of a load that did not come to its end; more may be, as the last answers are missing. */
function brokenOff(context: CliContext, { rows, refused }: LoadTally): string {
  const [done, bad] = [rows - refused, refused].map(formatCount);
  return context.text({
    en: `Broken off: ${done} rows are stored, ${bad} were refused. Load the same file again: what is stored already changes nothing.`,
    zh: `装载中断：已存储 ${done} 行，拒绝 ${bad} 行。请重新装载同一文件：已存储的行不会重复。`,
  });
}

/** The gate's key lies on a disk; so it may say that the site is sealed, but is sent no rows. */
async function requireOpen(
  context: CliContext,
  options: LocalOptions,
  program: 'node' | 'hub',
): Promise<void> {
  using connection = await connectLocal(context, options, program);
  const { status } = await connection.unary<SealAnswer>(sealMethods.status);
  if (status.state !== 'unsealed') throw fault('TB1601', { site: status.site });
}

async function load(
  context: CliContext,
  connection: SiteConnection,
  dataset: Dataset,
  file: LoadFile,
  { migrated = false, dryRun = false }: LoadOptions,
  tally: LoadTally,
): Promise<void> {
  const waiting: Portion[] = [];
  // The first portion before the bar: a file that can't be read at all has no progress to show.
  const portions = portionsOf(file, context.signal);
  const first = await portions.next();
  if (first.done) return;
  const { bytesTotal } = first.value;
  const name = basename(file.path);
  const text = dryRun
    ? { en: `Checking ${name}, bytes`, zh: `检查 ${name}，字节` }
    : { en: `Loading ${name}, bytes`, zh: `装载 ${name}，字节` };
  using progress = new Progress(context, { text, total: bytesTotal });
  const requests = async function* () {
    for (let next: IteratorResult<Portion> = first; !next.done; next = await portions.next()) {
      waiting.push(next.value);
      const rows = { dataset: dataset.name, entity: file.entityName, rows: next.value.lines };
      yield { rows: { ...rows, firstRow: 1, migrated, dryRun } };
    }
  };
  const answers = connection.portions<object, { result: RowsMessage }>(
    ['node', 'Intake', 'load'],
    requests(),
    ahead,
  );
  for await (const { result } of answers) {
    const portion = waiting.shift();
    if (!portion) continue;
    tally.add(portion, result);
    progress.update(portion.bytesRead);
  }
  progress.finish();
}

/** The file of rejects, made with the first one. A dry run writes it only where it was asked to. */
class Rejects {
  readonly #file: LoadFile;
  readonly #path: string | undefined;
  #written: RejectFile | undefined;

  /** Throws TB1623. */
  constructor(file: LoadFile, given: string | undefined, dryRun: boolean) {
    this.#file = file;
    const beside = `${file.path.replace(/\.(csv|txt|(nd)?jsonl?)$/i, '')}.rejects.csv`;
    this.#path = given ?? (dryRun ? undefined : beside);
    if (this.#path !== undefined && resolve(this.#path) === resolve(file.path)) {
      throw fault('TB1623', { path: file.path });
    }
  }

  get writtenTo(): string | undefined {
    return this.#written ? this.#path : undefined;
  }

  write({ columns }: Portion, ...rejected: DropFirst<Parameters<RejectFile['write']>>): void {
    if (this.#path === undefined) return;
    this.#written ??= new RejectFile(this.#path, this.#file.entity);
    this.#written.write(columns, ...rejected);
  }

  close(): void {
    this.#written?.close();
  }
}

type DropFirst<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;
