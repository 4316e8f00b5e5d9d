import type { Text } from '../../base/language.ts';

/** SealStatus of seal.proto, as it comes. */
export interface SealMessage {
  readonly site: string;
  readonly state: 'empty' | 'sealed' | 'unsealing' | 'unsealed';
  readonly epoch: number;
  readonly setId: string;
  readonly threshold: number;
  readonly holders: number;
  readonly received: readonly string[];
  readonly ceremonyId: string;
  readonly expiresMs: number;
  readonly manifestHash: string;
  readonly journalHead: string;
}

export interface SealAnswer {
  readonly status: SealMessage;
}

export const sealMethods = {
  status: ['seal', 'Seal', 'getSealStatus'],
  enter: ['seal', 'Seal', 'enterShare'],
  seal: ['seal', 'Seal', 'sealSite'],
} as const;

/** Under --json; times as text. */
export function sealDocument({ expiresMs, ceremonyId, ...status }: SealMessage): object {
  return {
    ...status,
    ceremonyId: ceremonyId === '' ? null : ceremonyId,
    expires: expiresMs === 0 ? null : new Date(expiresMs).toISOString(),
  };
}

/** The sentence of the state, with what to do next. */
export function sealSentence({ site, state, threshold, holders, received }: SealMessage): Text {
  const count = `${received.length} of ${threshold}`;
  const names = received.join(', ');
  switch (state) {
    case 'unsealed':
      return { en: `Site ${site} is unsealed.`, zh: `站点 ${site} 已解封。` };
    case 'unsealing':
      return {
        en: `Site ${site}: ${count} shares are in (${names}); ${threshold - received.length} more open it.`,
        zh: `站点 ${site}：已输入 ${received.length}/${threshold} 份（${names}）；还需 ${threshold - received.length} 份。`,
      };
    case 'sealed':
      return {
        en: `Site ${site} is sealed: ${threshold} of ${holders} officers open it, each with \`tongbu seal unseal\`.`,
        zh: `站点 ${site} 已封存：${holders} 名安全员中的 ${threshold} 名各用 \`tongbu seal unseal\` 解封。`,
      };
    case 'empty':
      return {
        en: `Site ${site} has no share set in force: its officers must confirm their shares first.`,
        zh: `站点 ${site} 没有生效的份额集：请安全员先确认份额。`,
      };
  }
}
