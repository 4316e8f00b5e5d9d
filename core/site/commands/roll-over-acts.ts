import { readFileSync } from 'node:fs';
import { fingerprintOf } from '../../../certs/fingerprint.ts';
import { wipe } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import { pemBlocks } from '../../base/pem.ts';
import type { CliContext } from '../../cli/context.ts';
import { printResult } from '../../cli/output.ts';
import { confirm } from '../../cli/prompt.ts';
import { formatTable } from '../../cli/table.ts';
import { readAuthorityFolder, readAuthorityPublic } from '../joining/authority-folder.ts';
import type { RollOverDone, RollOverOrder } from '../trust/certificate-desk.ts';
import { connectHub } from './connect-hub.ts';
import type { HubTarget } from './hub-target.ts';
import { keyFor } from './passphrase.ts';
import { titles } from './status-view.ts';

export interface RollOverOptions extends HubTarget {
  readonly authority?: string;
  readonly authorityIdentity?: string;
  readonly step?: 'trust' | 'issue' | 'retire';
  readonly reason?: string;
  readonly approval?: string;
  readonly leaveBehind?: boolean;
  readonly yes?: boolean;
}

export type PutListOptions = HubTarget;

const none = new Uint8Array();

/**
 * Asks for a step, or does it once it is approved, or shows how far it is. The key of the next authority
 * leaves its file only with an approval, over the connection to the hub, and is wiped here. Throws TB1620 and
 * what the hub refuses.
 */
export async function rollOver(context: CliContext, options: RollOverOptions): Promise<void> {
  const { step, authority, approval = '', reason = '', leaveBehind = false } = options;
  if (step !== undefined && authority === undefined) throw fault('TB1620', { missing: '--authority' });
  if (step !== undefined && approval === '' && reason === '') throw fault('TB1620', { missing: '--reason' });
  const parts = step === undefined ? undefined : await partsOf(context, options);
  try {
    using connection = await connectHub(context, options, 'operator');
    if (step !== undefined && approval !== '') {
      const question = {
        en: `The authority of ${connection.trustDomain} changes: step ${step}. This can not be taken back.`,
        zh: `${connection.trustDomain} 的证书机构将执行步骤 ${step}。此操作无法撤销。`,
      };
      await confirm(context, { question, expected: connection.site, yes: options.yes === true });
    }
    const isTrust = step === 'trust';
    const order: RollOverOrder = {
      step: step ?? '',
      rootFingerprint: parts ? fingerprintOf(parts.root) : '',
      root: isTrust && parts ? parts.root : none,
      rootList: isTrust && parts ? parts.rootList : none,
      issuing: isTrust && parts ? parts.issuing : none,
      issuingKey: parts?.privateKey ?? none,
      reason,
      approvalId: approval,
      leaveBehind,
    };
    const method = ['certificates', 'Certificates', 'rollOver'] as const;
    report(context, await connection.unary<RollOverDone>(method, order, 60_000), options);
  } finally {
    if (parts?.privateKey) wipe(parts.privateKey);
  }
}

export async function putRootList(context: CliContext, file: string, options: PutListOptions): Promise<void> {
  let crl: Buffer | undefined;
  try {
    [crl] = pemBlocks('X509 CRL', readFileSync(file));
  } catch (error) {
    throw fault('TB1003', { path: file }, error);
  }
  if (!crl) throw fault('TB1365', { path: file });
  using connection = await connectHub(context, options, 'operator');
  const { authority, number, nextUpdateMs } = await connection.unary<{
    authority: string;
    number: number;
    nextUpdateMs: number;
  }>(['certificates', 'Certificates', 'putRootList'], { crl });
  const until = new Date(nextUpdateMs).toISOString();
  printResult(context, { authority, number, until }, () =>
    context.text({
      en: `List ${number} of ${authority} is in force until ${until} and on its way to all sites.`,
      zh: `${authority} 的第 ${number} 号吊销列表已生效，有效期至 ${until}，正下发各站点。`,
    }),
  );
}

/** The key only where it is needed: with an approved step `trust`. */
async function partsOf(context: CliContext, options: RollOverOptions) {
  const { authority = '', authorityIdentity, step, approval } = options;
  if (step !== 'trust' || approval === undefined) {
    return { ...readAuthorityPublic(authority), privateKey: undefined };
  }
  const question = { en: 'Passphrase of the authority', zh: '证书机构的口令' };
  const key = await keyFor(context, authorityIdentity, question);
  const { root, rootList, issuing } = await readAuthorityFolder(authority, key);
  return { root, rootList, issuing: issuing.certificate, privateKey: issuing.privateKey };
}

function report(context: CliContext, done: RollOverDone, { step, authority }: RollOverOptions): void {
  const { state, approvalId } = done;
  const authorities = done.authorities.map(({ rootFingerprint, name, state: of, valid, lastEndsMs }) => {
    const lastEnds = lastEndsMs > 0 ? new Date(lastEndsMs).toISOString() : null;
    return { rootFingerprint, name, state: of, valid, lastEnds };
  });
  printResult(context, { step: step ?? null, state, approvalId, authorities }, () => {
    const table = formatTable(
      titles(context, [
        ['authority', '机构'],
        ['state', '状态'],
        ['valid', '有效证书', 'right'],
        ['last ends', '最后到期'],
        ['root', '根指纹'],
      ]),
      authorities.map((of) => [
        of.name,
        context.text({ en: of.state, zh: words[of.state] }),
        String(of.valid),
        of.lastEnds?.slice(0, 16) ?? '',
        of.rootFingerprint.slice(0, 16),
      ]),
    );
    if (state !== 'waiting') return table;
    const again = `tongbu certs roll-over … --authority ${authority} --step ${step} --approval ${approvalId}`;
    return `${table}\n${context.text({
      en: `Request ${approvalId} waits for two officers: tongbu seal approve ${approvalId}\nThen: ${again}`,
      zh: `申请 ${approvalId} 等待两名安全员批准：tongbu seal approve ${approvalId}\n然后执行：${again}`,
    })}`;
  });
}

const words = { trusted: '受信任', issues: '签发中', retired: '已停用' } as const;
