import { fault } from '../../../base/errors.ts';
import type { CliContext } from '../../../cli/context.ts';
import { printNote, printResult } from '../../../cli/output.ts';
import { confirm } from '../../../cli/prompt.ts';
import type { HolderOrder } from '../holder-order.ts';
import { type SealAnswer, type SealMessage, sealDocument, sealMethods } from '../seal-message.ts';
import type { CertificateFile } from './certificate-file.ts';
import { newHolders } from './new-holders.ts';
import { officerIn } from './officer-in.ts';
import { checkShareOf, sessionWithShare } from './own-share.ts';
import { SealSession } from './session.ts';
import type { ReasonOptions, ShareOptions } from './share-options.ts';
import { kindNames, statusText } from './status-text.ts';

export interface ChangeOptions extends ReasonOptions {
  readonly holder: readonly HolderOrder[];
  readonly certificate?: readonly CertificateFile[];
  readonly threshold: number;
}

/** Orders another set of holders: nothing changes until holders of today agree and new ones have proved. */
export async function changeHolders(context: CliContext, options: ChangeOptions): Promise<void> {
  const { holder, certificate = [], threshold, reason, data } = options;
  using session = await SealSession.open(context, options, officerIn);
  const { site, trustDomain } = session.connection;
  const place = { site, trustDomain, certificates: certificate, data: options.address ? undefined : data };
  const holders = await newHolders(holder, threshold, place, context.clock);
  const order = { kind: 'change-holders', reason, threshold, holders };
  const { status } = await session.ask<SealAnswer>(sealMethods.open, order);
  printResult(context, sealDocument(status), () => statusText(context, status));
}

/** Orders another root key. */
export async function rotateRoot(context: CliContext, options: ReasonOptions): Promise<void> {
  using session = await SealSession.open(context, options, officerIn);
  const order = { kind: 'rotate-root', reason: options.reason, threshold: 0, holders: [] };
  const { status } = await session.ask<SealAnswer>(sealMethods.open, order);
  printResult(context, sealDocument(status), () => statusText(context, status));
}

export interface EnterOptions extends ShareOptions {
  readonly yes?: boolean;
}

/** A holder of today agrees with what was ordered, after having seen it. */
export async function enterCeremony(context: CliContext, options: EnterOptions): Promise<void> {
  const { session, share } = await sessionWithShare(context, options);
  using _closed = session;
  const before = await session.status();
  checkShareOf(share, before.site, before);
  const { ceremonyKind: kind, ceremonyId } = before;
  if (kind !== 'change-holders' && kind !== 'rotate-root') throw fault('TB1203', { site: before.site });
  const question = { en: orderText(before, 'en'), zh: orderText(before, 'zh') };
  await confirm(context, { question, expected: before.site, yes: options.yes === true });
  const after = await session.show(sealMethods.agree, share, ceremonyId);
  const done = after.ceremonyId !== ceremonyId || after.pendingSetId !== before.pendingSetId;
  const document = { entered: share.officer, ceremony: ceremonyId, kind, done, ...sealDocument(after) };
  printResult(context, document, () => statusText(context, after));
}

/** The order in full, for the holder to compare with what the new ones say of their recipients. */
function orderText(status: SealMessage, language: 'en' | 'zh'): string {
  const { ceremonyKind, openedBy, reason, pendingThreshold, ordered } = status;
  const kind = ceremonyKind === 'rotate-root' ? kindNames['rotate-root'] : kindNames['change-holders'];
  const holders = ordered.map(({ officer, recipient }) => `  ${officer}  ${recipient}`);
  const count = ordered.length;
  const head =
    language === 'en'
      ? `${kind.en}, opened by ${openedBy}: ${reason}`
      : `${kind.zh}，由 ${openedBy} 发起：${reason}`;
  if (count === 0) return head;
  const rule =
    language === 'en'
      ? `${pendingThreshold} of these ${count} will open the site; compare each recipient with its holder:`
      : `今后由以下 ${count} 人中的 ${pendingThreshold} 人解封；请与本人核对每个 age 公钥：`;
  return [head, rule, ...holders].join('\n');
}

/** A new holder shows that the fetched file opens and fits; with enough of them the new set is in force. */
export async function proveShare(context: CliContext, options: ShareOptions): Promise<void> {
  const { session, share } = await sessionWithShare(context, options);
  using _closed = session;
  const before = await session.status();
  const { pendingSetId, pendingManifestHash } = before;
  // A holder of the set in force may prove a share that was never shown.
  const wanted =
    pendingSetId === '' || before.setId.startsWith(share.setPrefix)
      ? before
      : { setId: pendingSetId, manifestHash: pendingManifestHash };
  checkShareOf(share, before.site, wanted);
  const after = await session.show(sealMethods.prove, share, wanted === before ? '' : before.changeId);
  const inForce = pendingSetId !== '' && after.setId === pendingSetId;
  if (inForce) {
    printNote(context, context.text(nowInForce));
  }
  const document = { proved: share.officer, inForce, ...sealDocument(after) };
  printResult(context, document, () => statusText(context, after));
}

const nowInForce = {
  en:
    "The new set is in force; the old shares open nothing any more. Copies of yesterday's disk still open with " +
    "yesterday's shares:\n  → where that is to be feared, `tongbu seal rotate-root` and `tongbu seal rotate-keys`",
  zh:
    '新份额集已生效，旧份额不再能解封。但此前的磁盘副本仍可用此前的份额打开：\n' +
    '  → 如有此担忧，请执行 `tongbu seal rotate-root` 和 `tongbu seal rotate-keys`',
} as const;

/** Ends the open ceremony, or the change of holders that waits for proofs. */
export async function cancelCeremony(context: CliContext, options: ReasonOptions): Promise<void> {
  using session = await SealSession.open(context, options, officerIn);
  const before = await session.status();
  const ceremonyId = before.ceremonyId || before.changeId;
  if (ceremonyId === '') throw fault('TB1203', { site: before.site });
  const request = { ceremonyId, reason: options.reason };
  const { status } = await session.ask<SealAnswer>(sealMethods.cancel, request);
  printResult(context, { cancelled: ceremonyId, ...sealDocument(status) }, () => statusText(context, status));
}
