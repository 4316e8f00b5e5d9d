import type { CliContext } from '../../cli/context.ts';
import { printResult } from '../../cli/output.ts';
import { confirm } from '../../cli/prompt.ts';
import { formatTable } from '../../cli/table.ts';
import type { CertificateView, RevocationDone, RevocationOrder } from '../trust/certificate-desk.ts';
import { connectHub } from './connect-hub.ts';
import type { HubTarget } from './hub-target.ts';
import { titles } from './status-view.ts';

interface HolderOptions extends HubTarget {
  readonly site?: string;
  readonly role?: string;
  readonly name?: string;
}

export interface ListOptions extends HolderOptions {
  readonly state?: string;
}

export interface RevokeOptions extends HolderOptions {
  readonly fingerprint?: string;
  readonly reason: string;
  readonly note: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const words: Readonly<Record<CertificateView['state'], string>> = {
  valid: '有效',
  superseded: '已被取代',
  expired: '已过期',
  revoked: '已吊销',
};

export async function listCertificates(context: CliContext, options: ListOptions): Promise<void> {
  using connection = await connectHub(context, options, 'operator');
  const { site = '', role = '', state = '', name } = options;
  const answer = await connection.unary<{ certificates: readonly CertificateView[]; more: number }>(
    ['certificates', 'Certificates', 'listCertificates'],
    { site, role, state },
  );
  const certificates = answer.certificates.filter((found) => name === undefined || found.name === name);
  printResult(context, { certificates: certificates.map(document), more: answer.more }, () =>
    table(context, certificates, answer.more),
  );
}

/** Asks with what would be revoked in sight; nothing of it can be taken back. */
export async function revokeCertificates(context: CliContext, options: RevokeOptions): Promise<void> {
  using connection = await connectHub(context, options, 'officer');
  const { fingerprint = '', site = '', role = '', name = '', reason, note } = options;
  const ask = (dryRun: boolean) => {
    const order: RevocationOrder = { fingerprint, site, role, name, reason, note, dryRun };
    return connection.unary<RevocationDone>(['certificates', 'Certificates', 'revoke'], order, 60_000);
  };
  const would = await ask(true);
  if (options.dryRun === true) return printRevoked(context, would, true);
  if (options.yes !== true && would.revoked.length + Number(would.dismissed) > 0) {
    const count = would.revoked.length;
    const dismissed = would.dismissed
      ? { en: `, and site ${site} leaves the registry`, zh: `，站点 ${site} 将从登记册注销` }
      : { en: '', zh: '' };
    const question = {
      en: `${table(context, would.revoked, 0)}\n${count} certificates will be revoked${dismissed.en}. This can not be taken back.`,
      zh: `${table(context, would.revoked, 0)}\n将吊销 ${count} 个证书${dismissed.zh}。此操作无法撤销。`,
    };
    const expected = site || would.revoked[0]?.site || connection.site;
    await confirm(context, { question, expected, yes: false });
  }
  printRevoked(context, await ask(false), false);
}

function printRevoked(context: CliContext, done: RevocationDone, dryRun: boolean): void {
  const { revoked, already, dismissed, listNumber } = done;
  const found = { dryRun, revoked: revoked.map(document), already, dismissed, listNumber };
  printResult(context, found, () => {
    const lines = revoked.length > 0 ? [table(context, revoked, 0)] : [];
    const [en, zh] = dryRun ? ['would be revoked', '将被吊销'] : ['revoked', '已吊销'];
    lines.push(
      context.text({
        en: `${revoked.length} certificates ${en}; ${already} were revoked before.`,
        zh: `${revoked.length} 个证书${zh}；此前已吊销 ${already} 个。`,
      }),
    );
    if (dismissed) {
      lines.push(
        context.text({
          en: dryRun ? 'The site would be dismissed.' : 'The site is dismissed; its received log stays.',
          zh: dryRun ? '站点将被注销。' : '站点已注销；已接收的日志保留。',
        }),
      );
    }
    return lines.join('\n');
  });
}

/** Field by field: times as people and programs read them. */
function document(found: CertificateView) {
  const { fingerprint, serial, site, role, name, state, authority, reason, revokedMs } = found;
  const [issued, until] = [iso(found.issuedMs), iso(found.notAfterMs)];
  const revoked = revokedMs > 0 ? iso(revokedMs) : null;
  return { fingerprint, serial, site, role, name, state, issued, until, revoked, reason, authority };
}

function table(context: CliContext, rows: readonly CertificateView[], more: number): string {
  const columns = titles(context, [
    ['site', '站点'],
    ['role', '角色'],
    ['name', '姓名代号'],
    ['state', '状态'],
    ['issued', '签发'],
    ['until', '有效期至'],
    ['fingerprint', '指纹'],
  ]);
  const text = formatTable(
    columns,
    rows.map(({ site, role, name, state, issuedMs, notAfterMs, fingerprint }) => [
      site,
      role,
      name,
      context.text({ en: state, zh: words[state] ?? state }),
      iso(issuedMs).slice(0, 16),
      iso(notAfterMs).slice(0, 16),
      fingerprint.slice(0, 16),
    ]),
  );
  return more > 0 ? `${text}\n… ${more}` : text;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
