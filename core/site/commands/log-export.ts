import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assert } from '../../base/assert.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { printResult } from '../../cli/output.ts';
import { Progress } from '../../cli/progress.ts';
import { formatBytes, formatCount } from '../../cli/table.ts';
import { addLocalOptions, connectLocal, type LocalOptions } from './local-options.ts';

interface ExportOptions extends LocalOptions {
  readonly log: string;
  readonly out: string;
}

interface FileMessage {
  readonly path: string;
  readonly content: Uint8Array;
}

/** Its presence says that everything below it is there, so it is written last. */
const checkpointPath = 'checkpoint';

/** `tongbu log export`: a log as the files of a static log server (C2SP tlog-tiles). */
export function registerExport(group: Command, context: CliContext): void {
  const text = { en: 'write a log as C2SP tiles', zh: '将日志导出为 C2SP 瓦片文件' };
  const command = group.command('export').description(context.text(text));
  addLocalOptions(command, context);
  addOption(command, context, {
    flags: '--log <site/dataset>',
    text: { en: 'log that the site holds', zh: '本站持有的日志' },
    group: groups.data,
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--out <folder>',
    text: { en: 'where the files go', zh: '输出目录' },
    group: groups.output,
    mandatory: true,
  });
  addExamples(command, context, [
    {
      line: 'tongbu log export --data province --log 430121/claims --out claims-tiles',
      text: { en: 'any verifier of the C2SP formats can check it', zh: '任何支持 C2SP 格式的工具都能校验' },
    },
  ]);
  command.action((options: ExportOptions) => exportLog(context, options));
}

async function exportLog(context: CliContext, options: ExportOptions): Promise<void> {
  const { log, out } = options;
  using connection = await connectLocal(context, options, 'either');
  const answers = connection.stream<FileMessage>(['site', 'Site', 'exportLog'], { log }, context.signal);
  const text = { en: `Exporting ${log}, files`, zh: `导出 ${log}，文件` };
  let files = 0;
  let bytes = 0;
  let checkpoint: Uint8Array | undefined;
  using progress = new Progress(context, { text });
  for await (const { path, content } of answers) {
    if (path === checkpointPath) checkpoint = content;
    else write(out, path, content);
    files += 1;
    bytes += content.length;
    progress.update(files);
  }
  if (checkpoint) write(out, checkpointPath, checkpoint);
  progress.finish();
  printResult(context, { log, folder: out, files, bytes }, () =>
    context.text({
      en: `${log} is in ${out}: ${formatCount(files)} files, ${formatBytes(bytes)}. The entries hold what the records hold: keep them as such.`,
      zh: `${log} 已导出到 ${out}:${formatCount(files)} 个文件，${formatBytes(bytes)}。条目含记录内容，请按数据保管。`,
    }),
  );
}

/** Entries hold records, so the files are for the caller alone. */
function write(folder: string, path: string, content: Uint8Array): void {
  assert(/^[a-z0-9]+(\/[a-z0-9.]+)*$/.test(path) && !path.includes('..'), 'a path of the tile geometry');
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  writeFileSync(target, content, { mode: 0o600 });
}
