import type { Text } from '../../../base/language.ts';
import type { CliContext } from '../../../cli/context.ts';
import { formatDuration } from '../../../cli/table.ts';
import { type SealMessage, sealSentence } from '../seal-message.ts';

/** The sentence of the state; then, with an arrow each, what is going on and who does what next. */
export function statusText(context: CliContext, status: SealMessage): string {
  const { epoch, threshold, officers, manifestHash } = status;
  const remaining = (ms: number) => formatDuration(ms - context.clock.nowMs());
  const steps = nextSteps(status, remaining).map((step) => `  → ${context.text(step)}`);
  const facts =
    status.setId === ''
      ? []
      : [
          {
            en: `Holders: ${officers.join(', ')} (${threshold} of ${officers.length})`,
            zh: `持有人：${officers.join('、')}（${officers.length} 人中 ${threshold} 人）`,
          },
          {
            en: `Epoch ${epoch}, manifest sha256:${manifestHash}`,
            zh: `第 ${epoch} 期，清单 sha256:${manifestHash}`,
          },
        ].map((fact) => context.text(fact));
  return [context.text(sealSentence(status)), ...steps, ...facts].join('\n');
}

/** What is open and what each of the officers does about it. */
export function nextSteps(status: SealMessage, remaining: (untilMs: number) => string): Text[] {
  return [
    ...lostStep(status),
    ...ceremonyStep(status, remaining),
    ...changeStep(status, remaining),
    ...unprovedStep(status),
  ];
}

function lostStep({ lost }: SealMessage): Text[] {
  if (lost.length === 0) return [];
  return [
    {
      en: `What ${lost.join(', ')} entered was wiped (expiry, sealing or a restart): enter it again.`,
      zh: `${lost.join('、')} 已输入的内容已被清除（超时、封存或重启）：请重新输入。`,
    },
  ];
}

function ceremonyStep(status: SealMessage, remaining: (untilMs: number) => string): Text[] {
  const { ceremonyKind, openedBy, reason, received, required, expiresMs } = status;
  if (ceremonyKind !== 'change-holders' && ceremonyKind !== 'rotate-root') return [];
  if (status.pendingSetId !== '' && ceremonyKind === 'change-holders') return [];
  const names = received.join(', ') || '–';
  const left = remaining(expiresMs);
  return [
    {
      en:
        `${kindNames[ceremonyKind].en}, opened by ${openedBy} (${reason}): ${received.length} of ${required} ` +
        `holders agree (${names}), ${left} left. Each next one: \`tongbu seal enter\``,
      zh:
        `${kindNames[ceremonyKind].zh}，由 ${openedBy} 发起（${reason}）：${required} 份中已有 ${received.length} 份同意` +
        `（${names}），剩余 ${left}。下一位执行：\`tongbu seal enter\``,
    },
    ...status.ordered.map(({ officer, recipient }) => ({
      en: `shall hold a share: ${officer} ${recipient}`,
      zh: `拟持有份额：${officer} ${recipient}`,
    })),
  ];
}

export const kindNames = {
  'change-holders': { en: 'Change of holders', zh: '更换持有人' },
  'rotate-root': { en: 'Rotation of the root key', zh: '更换根密钥' },
} as const satisfies Record<string, Text>;

function changeStep(status: SealMessage, remaining: (untilMs: number) => string): Text[] {
  const { pendingSetId, pendingThreshold, pendingOfficers, pendingManifestHash, proved } = status;
  if (pendingSetId === '') return [];
  const missing = pendingOfficers.filter((officer) => !proved.includes(officer));
  const left = remaining(status.changeExpiresMs);
  return [
    {
      en:
        `A new set waits: ${proved.length} of ${pendingThreshold} new holders have proved their share, ${left} ` +
        `left. Each of ${missing.join(', ')}: \`tongbu seal fetch\`, then \`tongbu seal prove\``,
      zh:
        `新份额集待验证：需 ${pendingThreshold} 名新持有人验证份额，已有 ${proved.length} 名，剩余 ${left}。` +
        `${missing.join('、')} 各自执行：先 \`tongbu seal fetch\`，再 \`tongbu seal prove\``,
    },
    {
      en: `Its manifest, the same for all: sha256:${pendingManifestHash}. Until then the old shares open the site.`,
      zh: `其清单散列，各人必须一致：sha256:${pendingManifestHash}。在此之前仍由旧份额解封。`,
    },
    {
      en: 'A change of holders does not reach copies of the disk: those need `rotate-root` and `rotate-keys` as well.',
      zh: '更换持有人不影响已有的磁盘副本：如有泄露之虞，还须执行 `rotate-root` 和 `rotate-keys`。',
    },
  ];
}

function unprovedStep({ unproved }: SealMessage): Text[] {
  if (unproved.length === 0) return [];
  return [
    {
      en: `Never shown to work: the share of ${unproved.join(', ')}. Each of them: \`tongbu seal drill\``,
      zh: `份额尚未验证过的持有人：${unproved.join('、')}。请各自执行：\`tongbu seal drill\``,
    },
  ];
}
