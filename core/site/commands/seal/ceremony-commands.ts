import type { CliContext, Command } from '../../../cli/context.ts';
import { addExamples, addOption, groups, wholeNumber } from '../../../cli/options.ts';
import { sealLimits } from '../../../seal/limits.ts';
import { parseHolder } from '../holder-order.ts';
import { addTargetOptions } from '../seal-target-options.ts';
import { parseCertificate } from './certificate-file.ts';
import type { ChangeOptions, EnterOptions } from './change.ts';
import type { FetchOptions } from './fetch.ts';
import {
  addReasonOption,
  addShareOptions,
  addYesOption,
  type ReasonOptions,
  remoteExample,
  type ShareOptions,
} from './share-options.ts';

const acts = () => import('./change.ts');

/** `change-holders`, `rotate-root`, `enter`, `fetch`, `prove`, `cancel`. */
export function registerCeremonies(group: Command, context: CliContext): void {
  registerChange(group, context);
  registerRotateRoot(group, context);
  registerEnter(group, context);
  registerFetch(group, context);
  registerProve(group, context);
  registerCancel(group, context);
}

/** A parser for an option that may be given several times; commander hands over what there is so far. */
function collected<T>(parse: (text: string) => T): (text: string, before?: unknown) => readonly T[] {
  return (text, before) => [...((before as readonly T[] | undefined) ?? []), parse(text)];
}

function registerChange(group: Command, context: CliContext): void {
  const text = {
    en: 'order another set of holders; holders of today then agree with `enter`',
    zh: '提出更换持有人；随后由现任持有人用 `enter` 同意',
  };
  const command = group.command('change-holders').description(context.text(text));
  addTargetOptions(command, context);
  const called = 'tongbu seal change-holders';
  addOption(command, context, {
    flags: '--holder <name=age1…>',
    text: {
      en: 'everybody who shall hold a share, with the age recipient of that officer (repeatable)',
      zh: '每一名今后的持有人及其 age 公钥（可重复），留任者也要列出',
    },
    group: groups.keys,
    mandatory: true,
    parse: collected((holder) => parseHolder(holder, called)),
  });
  addOption(command, context, {
    flags: '--certificate <name=file>',
    text: {
      en: 'certificate of a holder, where people/ of the data folder has none (repeatable)',
      zh: '持有人的证书文件；数据目录 people/ 中已有的不必给出（可重复）',
    },
    group: groups.keys,
    parse: collected(parseCertificate),
  });
  addOption(command, context, {
    flags: '--threshold <number>',
    text: { en: 'officers needed to open the site', zh: '解封所需的安全员人数' },
    group: groups.keys,
    default: 2,
    parse: wholeNumber('--threshold', 2, sealLimits.holdersMax),
  });
  addReasonOption(command, context);
  addExamples(command, context, [
    {
      line:
        'tongbu seal change-holders --data county --as officer-zhao --holder zhao=age1… --holder qian=age1… ' +
        "--holder wu=age1… --reason 'sun leaves, wu follows'",
      text: {
        en: 'nothing changes before two holders of today agree',
        zh: '两名现任持有人同意之前，一切不变',
      },
    },
  ]);
  command.action(async (options: ChangeOptions) => (await acts()).changeHolders(context, options));
}

function registerRotateRoot(group: Command, context: CliContext): void {
  const text = {
    en: 'order another root key; holders then agree with `enter`',
    zh: '提出更换根密钥；随后由持有人用 `enter` 同意',
  };
  const command = group.command('rotate-root').description(context.text(text));
  addTargetOptions(command, context);
  addReasonOption(command, context);
  addExamples(command, context, [
    {
      line: "tongbu seal rotate-root --data county --as officer-zhao --reason 'a copy of the disk is missing'",
      text: { en: 'shares stay the same', zh: '份额保持不变' },
    },
  ]);
  command.action(async (options: ReasonOptions) => (await acts()).rotateRoot(context, options));
}

function registerEnter(group: Command, context: CliContext): void {
  const text = {
    en: 'agree with the open ceremony: shows the order, then enters your share',
    zh: '同意进行中的仪式：先显示其内容，再输入您的份额',
  };
  const command = group.command('enter').description(context.text(text));
  addShareOptions(command, context);
  addYesOption(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu seal enter --data county --share shares/zhao.share.age',
      text: { en: 'asks you to type the site code', zh: '要求输入站点代码以确认' },
    },
    {
      line: `tongbu seal enter ${remoteExample} --share zhao.share.age --identity zhao.age`,
      text: { en: "from the officer's own computer", zh: '在安全员自己的电脑上操作' },
    },
  ]);
  command.action(async (options: EnterOptions) => (await acts()).enterCeremony(context, options));
}

function registerFetch(group: Command, context: CliContext): void {
  const text = { en: 'take your share file of the new set', zh: '领取您在新份额集中的份额文件' };
  const command = group.command('fetch').description(context.text(text));
  addTargetOptions(command, context);
  addOption(command, context, {
    flags: '--out <file>',
    text: { en: 'new file; NAME.share.age when not given', zh: '新文件名；缺省为 NAME.share.age' },
    group: groups.output,
  });
  addExamples(command, context, [
    {
      line: 'tongbu seal fetch --data county --as officer-wu --out wu.share.age',
      text: { en: 'only the key of wu opens it', zh: '只有 wu 的私钥能打开' },
    },
  ]);
  command.action(async (options: FetchOptions) => (await import('./fetch.ts')).fetchShare(context, options));
}

function registerProve(group: Command, context: CliContext): void {
  const text = {
    en: 'show that your new share works; with enough of them the new set is in force',
    zh: '验证您的新份额；达到人数后新份额集即生效',
  };
  const command = group.command('prove').description(context.text(text));
  addShareOptions(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu seal prove --data county --share wu.share.age --identity wu.age',
      text: { en: 'after comparing the manifest hash', zh: '请先核对清单散列' },
    },
  ]);
  command.action(async (options: ShareOptions) => (await acts()).proveShare(context, options));
}

function registerCancel(group: Command, context: CliContext): void {
  const text = {
    en: 'end the open ceremony, or drop the set that waits',
    zh: '取消进行中的仪式，或放弃待验证的份额集',
  };
  const command = group.command('cancel').description(context.text(text));
  addTargetOptions(command, context);
  addReasonOption(command, context);
  addExamples(command, context, [
    {
      line: "tongbu seal cancel --data county --as officer-zhao --reason 'wrong recipient for wu'",
      text: { en: 'the set in force stays in force', zh: '现行份额集继续有效' },
    },
  ]);
  command.action(async (options: ReasonOptions) => (await acts()).cancelCeremony(context, options));
}
