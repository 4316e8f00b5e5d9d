import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wipe } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import type { Text } from '../../base/language.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { printResult } from '../../cli/output.ts';
import { confirm } from '../../cli/prompt.ts';
import type { Share } from '../../seal/share.ts';
import { readShareFile } from '../../seal/share-file.ts';
import { printShareText } from '../../seal/share-text.ts';
import { onlyIdentity } from './caller.ts';
import { recallSeal, rememberSeal } from './officer-memory.ts';
import { keyFor } from './passphrase.ts';
import {
  type SealAnswer,
  type SealMessage,
  sealDocument,
  sealMethods,
  sealSentence,
} from './seal-message.ts';
import { addTargetOptions, connectTarget, type TargetOptions } from './seal-target.ts';
import type { RemoteSite } from './site-connection.ts';

interface UnsealOptions extends TargetOptions {
  readonly share: string;
  readonly identity?: string;
}

interface SealOptions extends TargetOptions {
  readonly reason: string;
  readonly yes?: boolean;
}

/** Opening may have to read a ledger's heads; far beyond what a healthy disk needs. */
const openingMs = 120_000;

/** `tongbu seal unseal | status | seal`. */
export function register(group: Command, context: CliContext): void {
  registerUnseal(group, context);
  registerStatus(group, context);
  registerSeal(group, context);
}

function registerUnseal(group: Command, context: CliContext): void {
  const text = { en: "enter one officer's share", zh: '输入一名安全员的份额' };
  const command = group.command('unseal').description(context.text(text));
  addTargetOptions(command, context);
  addOption(command, context, {
    flags: '--share <file>',
    text: { en: 'the share file, NAME.share.age', zh: '份额文件 NAME.share.age' },
    group: groups.keys,
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--identity <file>',
    text: {
      en: 'age identity that opens the share file; without it its passphrase is asked',
      zh: '打开份额文件的 age 私钥;不给则询问口令',
    },
    group: groups.keys,
  });
  addExamples(command, context, [
    {
      line: 'tongbu seal unseal --data county --share shares/zhao.share.age',
      text: {
        en: 'asks for the passphrase; the last share opens the site',
        zh: '询问口令;最后一份即解封站点',
      },
    },
    {
      line:
        'tongbu seal unseal --address hub.hunan.example:7443 --site 430000 --domain hunan.example ' +
        '--as officer-zhao --share zhao.share.age',
      text: { en: "from the officer's own computer", zh: '在安全员自己的电脑上操作' },
    },
  ]);
  command.action((options: UnsealOptions) => unseal(context, options));
}

function registerStatus(group: Command, context: CliContext): void {
  const text = { en: 'whether the site is open, and what is missing', zh: '站点是否解封,还缺什么' };
  const command = group.command('status').description(context.text(text));
  addTargetOptions(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu seal status --data county',
      text: { en: 'exit code 3 while it is sealed', zh: '封存时退出码为 3' },
    },
  ]);
  command.action((options: TargetOptions) => status(context, options));
}

function registerSeal(group: Command, context: CliContext): void {
  const text = { en: 'close the site: keys are wiped, streams end', zh: '封存站点:清除密钥,断开数据流' };
  const command = group.command('seal').description(context.text(text));
  addTargetOptions(command, context);
  addOption(command, context, {
    flags: '--reason <text>',
    text: { en: 'why, for the journal; no personal data', zh: '原因,写入日志;不得含个人信息' },
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--yes',
    text: { en: 'do not ask', zh: '不再询问' },
  });
  addExamples(command, context, [
    {
      line: 'tongbu seal seal --data county --reason maintenance --yes',
      text: { en: 'the officers open it again with their shares', zh: '之后由安全员用份额重新解封' },
    },
  ]);
  command.action((options: SealOptions) => seal(context, options));
}

async function unseal(context: CliContext, options: UnsealOptions): Promise<void> {
  const file = readFile(options.share);
  const question = { en: 'Passphrase of the share file', zh: '份额文件的口令' };
  const share = await readShareFile(file, await keyFor(context, options.identity, question));
  const { officer } = share;
  const { connection, identity } = await connectTarget(context, options, ({ folder }) =>
    join(folder?.paths.people ?? '', `officer-${officer}`),
  );
  using _closed = connection;
  const before = (await connection.unary<SealAnswer>(sealMethods.status)).status;
  checkShareOf(share, before);
  const { site, manifestHash } = share;
  const seen = recallSeal(identity, site) ?? { epoch: 0, journalHead: '' };
  const request = { share: printShareText(share), ceremonyId: '', site, manifestHash, ...seen };
  wipe(share.value);
  const { status: after } = await connection.unary<SealAnswer>(sealMethods.enter, request, openingMs);
  rememberSeal(identity, after);
  printResult(context, { entered: officer, ...sealDocument(after) }, () => context.text(progressOf(after)));
}

/** What the site is asked before it is told anything: the share must be one of the set in force there. */
function checkShareOf({ officer, ...share }: Share, site: SealMessage): void {
  if (share.site !== site.site) throw fault('TB1210', { officer, found: share.site, site: site.site });
  if (site.state === 'unsealed') throw fault('TB1202', { site: site.site });
  if (share.setId !== site.setId) {
    throw fault('TB1211', { officer, set: share.setId, epoch: share.epoch, wanted: site.setId });
  }
  if (share.manifestHash !== site.manifestHash) {
    throw fault('TB1216', { found: share.manifestHash, manifest: site.manifestHash });
  }
}

function progressOf(status: SealMessage): Text {
  const { state, threshold, received } = status;
  const sentence = sealSentence(status);
  const have = state === 'unsealed' ? threshold : received.length;
  return { en: `${have} of ${threshold}. ${sentence.en}`, zh: `${have}/${threshold}。${sentence.zh}` };
}

async function status(context: CliContext, options: TargetOptions): Promise<void> {
  const { connection } = await connectTarget(context, options, operatorOf);
  using _closed = connection;
  const answer = (await connection.unary<SealAnswer>(sealMethods.status)).status;
  if (answer.state !== 'unsealed') context.exitCode = 3;
  printResult(context, sealDocument(answer), () => context.text(sealSentence(answer)));
}

async function seal(context: CliContext, options: SealOptions): Promise<void> {
  const { connection } = await connectTarget(context, options, operatorOf);
  using _closed = connection;
  const { site } = connection;
  const question = {
    en: `Site ${site} will be sealed: replication and intake stop until the officers open it again.`,
    zh: `站点 ${site} 将被封存:在安全员重新解封之前,复制与接入都会停止。`,
  };
  await confirm(context, { question, expected: site, yes: options.yes === true });
  const answer = await connection.unary<SealAnswer>(sealMethods.seal, { reason: options.reason });
  printResult(context, sealDocument(answer.status), () => context.text(sealSentence(answer.status)));
}

function operatorOf({ folder }: RemoteSite): string {
  return folder ? onlyIdentity(folder.paths, 'operator') : '';
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}
