import type { Text } from '../../../base/language.ts';
import type { CliContext } from '../../../cli/context.ts';
import { printable } from '../../../cli/display-width.ts';
import { printResult } from '../../../cli/output.ts';
import { formatDuration } from '../../../cli/table.ts';
import { connectTarget } from '../seal-target.ts';
import type { TargetOptions } from '../seal-target-options.ts';
import { officerIn, operatorIn } from './officer-in.ts';

/** ApprovalRequest of approvals.proto, as it comes. */
interface RequestMessage {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly reason: string;
  readonly askedBy: string;
  readonly askedMs: number;
  readonly expiresMs: number;
  readonly required: number;
  readonly state: string;
  readonly approvedBy: readonly string[];
  readonly rejectedBy: string;
  readonly detail: Readonly<Record<string, string>>;
}

const methods = {
  list: ['approvals', 'Approvals', 'listRequests'],
  approve: ['approvals', 'Approvals', 'approve'],
  reject: ['approvals', 'Approvals', 'reject'],
} as const;

export interface RequestsOptions extends TargetOptions {
  readonly all?: boolean;
}

/** What waits for officers; with --all also what was decided. */
export async function listRequests(context: CliContext, options: RequestsOptions): Promise<void> {
  const { connection } = await connectTarget(context, options, operatorIn);
  using _closed = connection;
  const { requests } = await connection.unary<{ requests: readonly RequestMessage[] }>(methods.list, {
    state: '',
  });
  // An approved one may still wait to be done, or to be tried again.
  const waiting = ({ state }: RequestMessage) => state === 'open' || state === 'approved';
  const shown = options.all ? requests : requests.filter(waiting);
  printResult(context, { site: connection.site, requests: shown.map(document) }, () =>
    shown.length === 0 ? context.text(nothing) : shown.map((one) => text(context, one)).join('\n\n'),
  );
}

export async function approve(context: CliContext, id: string, options: TargetOptions): Promise<void> {
  await decide(context, options, methods.approve, { id });
}

export interface RejectOptions extends TargetOptions {
  readonly reason: string;
}

export async function reject(context: CliContext, id: string, options: RejectOptions): Promise<void> {
  await decide(context, options, methods.reject, { id, reason: options.reason });
}

async function decide(
  context: CliContext,
  options: TargetOptions,
  method: typeof methods.approve | typeof methods.reject,
  order: object,
): Promise<void> {
  const { connection } = await connectTarget(context, options, officerIn);
  using _closed = connection;
  // The last approval also does the act, which may copy a database.
  const { request } = await connection.unary<{ request: RequestMessage }>(method, order, 600_000);
  printResult(context, document(request), () => text(context, request));
}

const nothing: Text = { en: 'Nothing waits for officers.', zh: '没有待批的申请。' };

const kinds: Readonly<Record<string, Text>> = {
  enrolment: { en: 'enrolment of a site or person', zh: '站点或人员准入' },
  'break-glass': { en: 'direct look into the database', zh: '直接查看数据库（应急）' },
  'rotate-data-keys': { en: 'rotation of data keys', zh: '轮换数据密钥' },
  'roll-over': { en: 'new certificate authority', zh: '更换证书机构' },
  contract: { en: 'contract', zh: '合约' },
};

const states: Readonly<Record<string, Text>> = {
  open: { en: 'open', zh: '待批' },
  approved: { en: 'approved', zh: '已批准' },
  rejected: { en: 'rejected', zh: '已驳回' },
  withdrawn: { en: 'withdrawn', zh: '已撤回' },
  done: { en: 'done', zh: '已执行' },
  expired: { en: 'expired', zh: '已过期' },
};

function document({ askedMs, expiresMs, rejectedBy, ...request }: RequestMessage): object {
  const time = (ms: number) => new Date(ms).toISOString();
  return { ...request, asked: time(askedMs), expires: time(expiresMs), rejectedBy: rejectedBy || null };
}

function text(context: CliContext, request: RequestMessage): string {
  const { id, kind, subject, reason, askedBy, state, required, approvedBy, rejectedBy, detail } = request;
  const word = (words: Readonly<Record<string, Text>>, key: string) => {
    const found = words[key];
    return found ? context.text(found) : key;
  };
  const left = formatDuration(request.expiresMs - context.clock.nowMs());
  const voices = [...approvedBy, ...(rejectedBy === '' ? [] : [`✗ ${rejectedBy}`])].join(', ') || '–';
  const lines = [
    `${id}  ${word(kinds, kind)}: ${subject}`,
    ...comparable(detail).map(([name, value]) => `  ${name}: ${value}`),
    context.text({ en: `  asked by ${askedBy}: ${reason}`, zh: `  申请人 ${askedBy}：${reason}` }),
    context.text({
      en: `  ${word(states, state)}, ${approvedBy.length} of ${required} (${voices})`,
      zh: `  ${word(states, state)}，${approvedBy.length}/${required}（${voices}）`,
    }),
  ];
  const next = context.text({
    en: `  → within ${left}: \`tongbu seal approve ${id}\` or \`tongbu seal reject ${id} --reason …\``,
    zh: `  → ${left} 内：\`tongbu seal approve ${id}\` 或 \`tongbu seal reject ${id} --reason …\``,
  });
  return [...lines.map(printable), ...(state === 'open' ? [next] : [])].join('\n');
}

/** Without the hashes by which the site finds its own rows: nobody compares those on the telephone. */
function comparable(detail: RequestMessage['detail']): (readonly [string, string])[] {
  const isRow = (name: string, value: string) => /^[0-9a-f]{64}$/.test(value) && !/fingerprint/i.test(name);
  return Object.entries(detail).filter(([name, value]) => !isRow(name, value));
}
