import type { CliContext, Command } from '../../../cli/context.ts';
import { addExamples, addOption, groups } from '../../../cli/options.ts';
import { addTargetOptions } from '../seal-target-options.ts';
import type { JournalOptions } from './journal.ts';
import type { ManifestOptions } from './manifests.ts';

/** `manifest`, `journal`: what anybody of the site may check, with nothing secret in it. */
export function registerRecords(group: Command, context: CliContext): void {
  registerManifest(group, context);
  registerJournal(group, context);
}

function registerManifest(group: Command, context: CliContext): void {
  const text = {
    en: 'show or save the manifest of the share set, which holds no secret',
    zh: '查看或保存份额集清单（不含秘密）',
  };
  const command = group.command('manifest').description(context.text(text));
  addTargetOptions(command, context);
  addOption(command, context, {
    flags: '--pending',
    text: { en: 'of the set that waits to be proved', zh: '待验证的份额集的清单' },
  });
  addOption(command, context, {
    flags: '--out <file>',
    text: { en: 'new file for it', zh: '清单的新文件名' },
    group: groups.output,
  });
  addExamples(command, context, [
    {
      line: 'tongbu seal manifest --data county --out manifest.txt',
      text: { en: 'for drills off line', zh: '供离线自检使用' },
    },
  ]);
  command.action(async (options: ManifestOptions) =>
    (await import('./manifests.ts')).saveManifest(context, options),
  );
}

function registerJournal(group: Command, context: CliContext): void {
  const text = {
    en: 'list the journal of ceremonies after checking its chain and every signature',
    zh: '校验仪式日志的链条与逐条签名，然后列出',
  };
  const command = group.command('journal').description(context.text(text));
  addTargetOptions(command, context);
  addOption(command, context, {
    flags: '--file <file>',
    text: {
      en: 'a saved journal, off line; needs --manifest',
      zh: '离线校验保存的日志；须同时给出 --manifest',
    },
    group: groups.data,
  });
  addOption(command, context, {
    flags: '--manifest <file>',
    text: { en: 'saved manifest, which names the key of the journal', zh: '保存的清单，其中有日志的公钥' },
    group: groups.keys,
  });
  addOption(command, context, {
    flags: '--out <file>',
    text: { en: 'new file for the records', zh: '保存日志记录的新文件名' },
    group: groups.output,
  });
  addExamples(command, context, [
    {
      line: 'tongbu seal journal --data county --out journal.txt',
      text: { en: 'also compares it with what you saw last', zh: '同时与您上次所见的日志比对' },
    },
    {
      line: 'tongbu seal journal --file journal.txt --manifest manifest.txt',
      text: { en: 'off line', zh: '离线' },
    },
  ]);
  command.action(async (options: JournalOptions) =>
    (await import('./journal.ts')).showJournal(context, options),
  );
}
