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
  readonly ceremonyKind: string;
  readonly openedBy: string;
  readonly reason: string;
  readonly required: number;
  readonly pendingSetId: string;
  readonly pendingThreshold: number;
  readonly pendingOfficers: readonly string[];
  readonly pendingManifestHash: string;
  readonly proved: readonly string[];
  readonly unproved: readonly string[];
  readonly officers: readonly string[];
  readonly lost: readonly string[];
  readonly ordered: readonly OrderedHolder[];
  readonly changeId: string;
  readonly changeExpiresMs: number;
}

export interface OrderedHolder {
  readonly officer: string;
  readonly certificateFingerprint: string;
  readonly recipient: string;
}

export interface SealAnswer {
  readonly status: SealMessage;
}

export const sealMethods = {
  status: ['seal', 'Seal', 'getSealStatus'],
  enter: ['seal', 'Seal', 'enterShare'],
  seal: ['seal', 'Seal', 'sealSite'],
  emergency: ['seal', 'Seal', 'emergencySeal'],
  open: ['seal', 'Seal', 'openCeremony'],
  agree: ['seal', 'Seal', 'enterCeremonyShare'],
  fetch: ['seal', 'Seal', 'fetchShare'],
  prove: ['seal', 'Seal', 'proveShare'],
  cancel: ['seal', 'Seal', 'cancelCeremony'],
  manifests: ['seal', 'Seal', 'getManifests'],
  journal: ['seal', 'Seal', 'readJournal'],
  drill: ['seal', 'Seal', 'recordDrill'],
} as const;

/** Under --json; times as text, null for what there is not. */
export function sealDocument(status: SealMessage): object {
  const { expiresMs, changeExpiresMs, ceremonyKind, openedBy, reason, required, ...rest } = status;
  const absent = (text: string) => (text === '' ? null : text);
  const time = (ms: number) => (ms === 0 ? null : new Date(ms).toISOString());
  return {
    ...rest,
    ceremonyId: absent(status.ceremonyId),
    ceremonyKind: absent(ceremonyKind),
    openedBy: absent(openedBy),
    reason: absent(reason),
    required,
    expires: time(expiresMs),
    pendingSetId: absent(status.pendingSetId),
    pendingManifestHash: absent(status.pendingManifestHash),
    changeId: absent(status.changeId),
    changeExpires: time(changeExpiresMs),
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
