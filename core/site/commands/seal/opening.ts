import { fault } from '../../../base/errors.ts';
import type { Text } from '../../../base/language.ts';
import type { CliContext } from '../../../cli/context.ts';
import { printResult } from '../../../cli/output.ts';
import { confirm } from '../../../cli/prompt.ts';
import {
  type SealAnswer,
  type SealMessage,
  sealDocument,
  sealMethods,
  sealSentence,
} from '../seal-message.ts';
import type { TargetOptions } from '../seal-target-options.ts';
import { officerIn, operatorIn } from './officer-in.ts';
import { checkShareOf, sessionWithShare } from './own-share.ts';
import { SealSession } from './session.ts';
import type { ReasonOptions, ShareOptions } from './share-options.ts';
import { statusText } from './status-text.ts';

/** Enters one share, after the site has shown that it is the one that the share is for. */
export async function unseal(context: CliContext, options: ShareOptions): Promise<void> {
  const { session, share } = await sessionWithShare(context, options);
  using _closed = session;
  const before = await session.status();
  // Of another site first: it would be the more dangerous mistake.
  const place = { setId: before.setId, manifestHash: before.manifestHash };
  if (share.site !== undefined && share.site !== before.site) checkShareOf(share, before.site, place);
  if (before.state === 'unsealed') throw fault('TB1202', { site: before.site });
  checkShareOf(share, before.site, place);
  const after = await session.show(sealMethods.enter, share);
  const entered = { entered: share.officer, ...sealDocument(after) };
  printResult(context, entered, () => context.text(progressOf(after)));
}

function progressOf(status: SealMessage): Text {
  const { state, threshold, received } = status;
  const sentence = sealSentence(status);
  const have = state === 'unsealed' ? threshold : received.length;
  return { en: `${have} of ${threshold}. ${sentence.en}`, zh: `${have}/${threshold}。${sentence.zh}` };
}

/** Exit code 3 while the site is not open. */
export async function sealStatus(context: CliContext, options: TargetOptions): Promise<void> {
  using session = await SealSession.open(context, options, operatorIn);
  const status = await session.status();
  if (status.state !== 'unsealed') context.exitCode = 3;
  printResult(context, sealDocument(status), () => statusText(context, status));
}

export interface SealOptions extends ReasonOptions {
  readonly yes?: boolean;
}

/** Asks before it closes the site. */
export async function sealSite(context: CliContext, options: SealOptions): Promise<void> {
  using session = await SealSession.open(context, options, operatorIn);
  const { site } = session;
  const question = {
    en: `Site ${site} will be sealed: replication and intake stop until the officers open it again.`,
    zh: `站点 ${site} 将被封存：在安全员重新解封之前，复制与接入都会停止。`,
  };
  await confirm(context, { question, expected: site, yes: options.yes === true });
  const { status } = await session.ask<SealAnswer>(sealMethods.seal, { reason: options.reason });
  printResult(context, sealDocument(status), () => context.text(sealSentence(status)));
}

interface EmergencyAnswer extends SealAnswer {
  readonly ended: string;
  readonly recorded: boolean;
}

/** Closes the site at once; one officer is enough, also in the middle of a ceremony. */
export async function emergencySeal(context: CliContext, options: SealOptions): Promise<void> {
  using session = await SealSession.open(context, options, officerIn);
  const { site } = session;
  const question = {
    en: `Site ${site} will be sealed at once. Shares that were entered are wiped; an open ceremony ends.`,
    zh: `站点 ${site} 将立即封存。已输入的份额会被清除，进行中的仪式随之结束。`,
  };
  await confirm(context, { question, expected: site, yes: options.yes === true });
  const answer = await session.ask<EmergencyAnswer>(sealMethods.emergency, { reason: options.reason });
  const { status, ended, recorded } = answer;
  printResult(context, { ...sealDocument(status), ended, recorded }, () =>
    [sealSentence(status), ...(recorded ? [] : [notRecorded])].map((text) => context.text(text)).join('\n'),
  );
}

const notRecorded: Text = {
  en: 'The journal could not be written: note the hour and the reason on paper, and look at the disk.',
  zh: '日志未能写入：请在纸上记下时间和原因，并检查磁盘。',
};
