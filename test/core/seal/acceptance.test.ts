import fs from 'node:fs';
import { join } from 'node:path';
import { ristretto255_FROST as frost } from '@noble/curves/ed25519.js';
import { expect, test } from 'vitest';
import { acceptDealtShare } from '../../../core/seal/acceptance.ts';
import { holderIdentifier } from '../../../core/seal/dealing.ts';
import { JournalKey } from '../../../core/seal/journal-key.ts';
import type { Share } from '../../../core/seal/share.ts';
import { manifestHash, printManifest } from '../../../core/seal/share-set.ts';
import { open } from './ceremony-setting.ts';
import { copyOf, officers, refusal, sealedSite, site } from './setting.ts';

const key = new JournalKey(`hunan.example/journal/${site}`, Buffer.alloc(32, 5));

/** What a dealer hands out who signs a threshold of 2 and uses `coefficients` of them. */
function dealt(coefficients: number): { manifest: Buffer; shares: Share[] } {
  const holders = officers.map((officer, i) => ({
    number: i + 1,
    identifier: holderIdentifier(officer),
    officer,
    certificateFingerprint: `${i + 1}`.padStart(64, '0'),
  }));
  const ids = holders.map(({ identifier }) => identifier);
  const { secretShares, public: open } = frost.trustedDealer({ min: coefficients, max: 3 }, ids);
  const set = { site, setId: '3f0c'.repeat(8), epoch: 1, threshold: 2, createdMs: 1_700_000_000_000 };
  const manifest = printManifest({ ...set, commitments: open.commitments, holders }, key);
  const shares = holders.map(({ officer, number, identifier }) => ({
    ...set,
    holders: 3,
    holder: number,
    officer,
    manifestHash: manifestHash(manifest),
    value: secretShares[identifier]?.signingShare ?? new Uint8Array(),
  }));
  return { manifest, shares };
}

test('a dealer who uses a polynomial of another degree is refused by every holder', () => {
  const honest = dealt(2);
  for (const share of honest.shares) acceptDealtShare(share, share.officer, honest.manifest);
  const cheat = dealt(3);
  for (const share of cheat.shares) {
    expect(refusal(() => acceptDealtShare(share, share.officer, cheat.manifest))).toEqual({
      code: 'TB1225',
      parameters: { set: share.setId, found: 3, threshold: 2 },
    });
  }
});

test('a dealer who shows two officers different commitments is caught by the hash of the manifest', () => {
  const [one, two] = [dealt(2), dealt(2)];
  const [, li] = two.shares;
  if (li === undefined) return expect.fail('a share');
  expect(refusal(() => acceptDealtShare(li, 'li', one.manifest))).toEqual({
    code: 'TB1216',
    parameters: { found: manifestHash(two.manifest), manifest: manifestHash(one.manifest) },
  });
  const forged = { ...li, manifestHash: manifestHash(one.manifest) };
  expect(refusal(() => acceptDealtShare(forged, 'li', one.manifest)).code).toBe('TB1213');
});

test('an older state file is named as older than what the officer saw', async () => {
  const made = copyOf(await sealedSite());
  const path = join(made.folder, 'seal.state');
  const older = fs.readFileSync(path);
  open(made.seal, made.texts);
  made.seal.replaceRing((ring) => ring.withKey('field', Buffer.alloc(32, 4), 9));
  const { epoch } = made.seal.status();
  made.seal.close();
  fs.writeFileSync(path, older);
  const again = made.reopen();
  expect(refusal(() => again.enterShare('li', made.texts[1] ?? '', { epoch }))).toEqual({
    code: 'TB1218',
    parameters: { officer: 'li', epoch: 1, seen: 2 },
  });
  expect(again.status()).toMatchObject({ state: 'sealed', received: [] });
});
