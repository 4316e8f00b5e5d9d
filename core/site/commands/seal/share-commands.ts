import type { CliContext, Command } from '../../../cli/context.ts';
import { addExamples, addOption, groups, siteCode } from '../../../cli/options.ts';
import { addTargetOptions } from '../seal-target-options.ts';
import type { DrillOptions } from './drill.ts';
import type { ForgetOptions, KeepOptions } from './keeping.ts';
import type { KeyOptions } from './own-key.ts';
import type { PrintOptions } from './print-share.ts';
import { addShareFileOptions, addYesOption } from './share-options.ts';

/** `key`, `drill`, `print-share`, `keep`, `forget`: what an officer does with the own share. */
export function registerShares(group: Command, context: CliContext): void {
  registerKey(group, context);
  registerDrill(group, context);
  registerPrint(group, context);
  registerKeep(group, context);
  registerForget(group, context);
}

function registerKey(group: Command, context: CliContext): void {
  const text = {
    en: 'make your own age key; the line that begins with age1 is for who deals the shares',
    zh: '生成您自己的 age 密钥；以 age1 开头的一行交给分发份额的人',
  };
  const command = group.command('key').description(context.text(text));
  addOption(command, context, {
    flags: '--out <file>',
    text: { en: 'new file for the secret key', zh: '私钥的新文件名' },
    group: groups.keys,
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--with-passphrase',
    text: { en: 'lock the file with a passphrase, which is asked', zh: '用口令锁住该文件（会询问口令）' },
    group: groups.keys,
  });
  addExamples(command, context, [
    {
      line: 'tongbu seal key --out zhao.age --with-passphrase',
      text: { en: '--identity opens such a file and asks', zh: '--identity 可打开此文件，并询问口令' },
    },
  ]);
  command.action(async (options: KeyOptions) => (await import('./own-key.ts')).makeKey(context, options));
}

function registerDrill(group: Command, context: CliContext): void {
  const text = {
    en: 'check your own share, alone and off line; with a site the result is recorded there',
    zh: '离线自检本人的份额；连接站点时结果会记录在案',
  };
  const command = group.command('drill').description(context.text(text));
  addTargetOptions(command, context);
  addShareFileOptions(command, context, { mandatory: true });
  addOption(command, context, {
    flags: '--manifest <file>',
    text: {
      en: 'saved manifest of the share set; without a site it is needed',
      zh: '保存的份额集清单；不连接站点时必须给出',
    },
    group: groups.keys,
  });
  addExamples(command, context, [
    {
      line: 'tongbu seal drill --share zhao.share.age --identity zhao.age --manifest manifest.txt',
      text: { en: 'off line: nothing leaves this computer', zh: '离线：任何内容都不离开本机' },
    },
    {
      line: 'tongbu seal drill --data county --as officer-zhao --share zhao.share.age',
      text: { en: 'recorded at the site; the share stays here', zh: '在站点记录；份额不离开本机' },
    },
  ]);
  command.action(async (options: DrillOptions) => (await import('./drill.ts')).drill(context, options));
}

function registerPrint(group: Command, context: CliContext): void {
  const text = { en: 'a page of your share to be printed and locked away', zh: '生成可打印、封存的份额页' };
  const command = group.command('print-share').description(context.text(text));
  addShareFileOptions(command, context, { mandatory: true });
  addOption(command, context, {
    flags: '--out <file>',
    text: { en: 'new file for the page', zh: '打印页的新文件名' },
    group: groups.output,
  });
  addYesOption(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu seal print-share --share zhao.share.age --out zhao.txt',
      text: { en: 'print it, then delete the file', zh: '打印后删除该文件' },
    },
  ]);
  command.action(async (options: PrintOptions) =>
    (await import('./print-share.ts')).printShare(context, options),
  );
}

function registerKeep(group: Command, context: CliContext): void {
  const text = {
    en: 'put your share into the key store of your own computer',
    zh: '将份额存入您自己电脑的系统密钥库',
  };
  const command = group.command('keep').description(context.text(text));
  addShareFileOptions(command, context, { mandatory: true });
  addExamples(command, context, [
    {
      line: 'tongbu seal keep --share zhao.share.age --identity zhao.age',
      text: { en: 'never on the machine of the site', zh: '切勿在站点的机器上执行' },
    },
  ]);
  command.action(async (options: KeepOptions) => (await import('./keeping.ts')).keep(context, options));
}

function registerForget(group: Command, context: CliContext): void {
  const text = {
    en: 'take your share out of the key store of your own computer',
    zh: '从您自己电脑的系统密钥库中删除份额',
  };
  const command = group.command('forget').description(context.text(text));
  addOption(command, context, {
    flags: '--site <code>',
    text: { en: 'site of the share', zh: '份额所属站点的代码' },
    mandatory: true,
    parse: siteCode('--site'),
  });
  addOption(command, context, {
    flags: '--officer <name>',
    text: { en: 'officer who holds it', zh: '持有该份额的安全员' },
    mandatory: true,
  });
  addExamples(command, context, [
    {
      line: 'tongbu seal forget --site 430121 --officer zhao',
      text: { en: 'before the computer is handed on', zh: '电脑移交之前执行' },
    },
  ]);
  command.action(async (options: ForgetOptions) => (await import('./keeping.ts')).forget(context, options));
}
