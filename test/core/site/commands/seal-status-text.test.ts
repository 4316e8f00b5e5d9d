import { describe, expect, test } from 'vitest';
import { statusText } from '../../../../core/site/commands/seal/status-text.ts';
import type { SealMessage } from '../../../../core/site/commands/seal-message.ts';
import { createCliWorld } from '../../../support/cli-world.ts';

const nowMs = createCliWorld().clock.nowMs();
const hash = 'ab'.repeat(32);

const unsealed: SealMessage = {
  site: '430121',
  state: 'unsealed',
  epoch: 4,
  setId: '3f'.repeat(16),
  threshold: 2,
  holders: 3,
  received: [],
  ceremonyId: '',
  expiresMs: 0,
  manifestHash: hash,
  journalHead: hash,
  ceremonyKind: '',
  openedBy: '',
  reason: '',
  required: 0,
  pendingSetId: '',
  pendingThreshold: 0,
  pendingOfficers: [],
  pendingManifestHash: '',
  proved: [],
  unproved: [],
  officers: ['zhao', 'qian', 'sun'],
  lost: [],
  ordered: [],
  changeId: '',
  changeExpiresMs: 0,
};

const opened = {
  ceremonyId: '1',
  openedBy: 'zhao',
  reason: 'sun leaves',
  required: 2,
  expiresMs: nowMs + 90_000,
};
const wu = { officer: 'wu', certificateFingerprint: hash, recipient: 'age1wu' };
const dealt = {
  pendingSetId: '40'.repeat(16),
  pendingThreshold: 2,
  pendingOfficers: ['zhao', 'qian', 'wu'],
  pendingManifestHash: 'cd'.repeat(32),
  proved: ['wu'],
  changeExpiresMs: nowMs + 3_600_000,
};

const cases: readonly (readonly [string, Partial<SealMessage>, readonly string[]])[] = [
  ['sealed', { state: 'sealed' }, ['`tongbu seal unseal`']],
  ['half open', { state: 'unsealing', received: ['zhao'] }, ['zhao']],
  ['without a set', { state: 'empty', setId: '' }, []],
  ['open, with a share that was never shown', { unproved: ['sun'] }, ['sun', '`tongbu seal drill`']],
  ['after an expiry', { state: 'sealed', lost: ['zhao'] }, ['zhao']],
  [
    'with a change of holders that was ordered',
    { ...opened, ceremonyKind: 'change-holders', pendingThreshold: 2, ordered: [wu], received: ['qian'] },
    ['zhao', 'sun leaves', 'qian', '1 min 30 s', 'wu age1wu', '`tongbu seal enter`'],
  ],
  [
    'with a new set that waits',
    { ...opened, ...dealt, ceremonyKind: 'change-holders' },
    ['1 h', '`tongbu seal fetch`', '`tongbu seal prove`', 'cd'.repeat(32), '`rotate-root`'],
  ],
  [
    'with a new root key that was ordered',
    { ...opened, ceremonyKind: 'rotate-root' },
    ['zhao', '`tongbu seal enter`'],
  ],
];

describe.each(cases)('the status of a site %s', (_name, changes, wanted) => {
  test.each(['en', 'zh'])('names persons, times and the next command (%s)', (language) => {
    const { context } = createCliWorld({ environment: { TONGBU_LANG: language } });
    const text = statusText(context, { ...unsealed, ...changes });
    for (const word of ['430121', ...wanted]) expect(text).toContain(word);
    if (language === 'zh') expect(text).not.toMatch(/[\u4e00-\u9fff][,;:!?]/);
    else expect(text).not.toMatch(/[\u4e00-\u9fff]/);
  });
});

test('who has proved the new share is not asked again', () => {
  const { context } = createCliWorld({ environment: { TONGBU_LANG: 'en' } });
  const text = statusText(context, { ...unsealed, ...opened, ...dealt, ceremonyKind: 'change-holders' });
  expect(text).toContain('1 of 2 new holders have proved');
  expect(text).toContain('Each of zhao, qian:');
});
