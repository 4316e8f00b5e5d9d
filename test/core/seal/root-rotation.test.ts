import fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openKeys, openRing, openRoot } from '../../../core/seal/opening.ts';
import { parseState } from '../../../core/seal/seal-state.ts';
import { agree, open } from './ceremony-setting.ts';
import { refusal, ringBytes, type Site, sealedSite } from './setting.ts';

const stateOf = ({ folder }: Site) => {
  const state = parseState(fs.readFileSync(join(folder, 'seal.state')));
  return typeof state === 'string' || state.active === undefined
    ? expect.fail('a state')
    : { state, active: state.active };
};

test('t holders put a new root key between their shares and the ring; the set and the keys stay', async () => {
  const made = await sealedSite();
  const { seal, texts, reopen } = made;
  open(seal, texts);
  const before = seal.status();
  const old = stateOf(made);
  seal.openCeremony('rotate-root', 'wang', 'a backup was lost');
  expect(seal.status().ceremony).toMatchObject({ kind: 'rotate-root', openedBy: 'wang', required: 2 });
  await agree(seal, texts);
  const after = seal.status();
  expect(after).toMatchObject({
    state: 'unsealed',
    setId: before.setId,
    epoch: before.epoch + 1,
    ceremony: undefined,
  });
  expect(after.manifestHash).toBe(before.manifestHash);
  expect(seal.journalRecords().at(-1)).toMatchObject({
    step: 'root-rotated',
    officer: 'li',
    result: 'epoch-2',
  });
  seal.replaceRing((ring) => ring.withKey('field', Buffer.alloc(32, 4), 9));
  const again = reopen();
  open(again, texts);
  expect(Buffer.from(again.ring().key('db'))).toEqual(ringBytes);
  expect(again.ring().has('field')).toBe(true);

  // the old root opens the old state and nothing of the new one
  const shares = new Map(made.shares.slice(0, 2).map((share) => [share.officer, share.value]));
  const root = openRoot(old.active, shares)?.root ?? expect.fail('the old root');
  expect(openRing(old.state, root)).toBeDefined();
  const now = stateOf(made);
  expect(openRing(now.state, root)).toBeUndefined();
  expect(openKeys({ ...now.state, active: old.active }, old.active, shares)).toBeUndefined();
});

test('a rotation counts each holder once and changes nothing before the last', async () => {
  const { seal, texts, reopen } = await sealedSite();
  open(seal, texts);
  const ceremonyId = seal.openCeremony('rotate-root', 'wang', 'a leak').ceremony?.id;
  await seal.enterCeremonyShare('chen', texts[0] ?? '', { ceremonyId });
  await expect(seal.enterCeremonyShare('chen', texts[0] ?? '', { ceremonyId })).rejects.toMatchObject({
    code: 'TB1214',
  });
  expect(seal.status()).toMatchObject({ epoch: 1, received: ['chen'] });
  const again = reopen();
  expect(again.status()).toMatchObject({ state: 'sealed', lost: ['chen'], ceremony: undefined });
  expect(refusal(() => again.openCeremony('rotate-root', 'wang', 'a leak')).code).toBe('TB1201');
  open(again, texts);
  expect(again.journalRecords().map(({ step }) => step)).toContain('rotate-root-ended');
});
