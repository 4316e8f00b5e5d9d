import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wipe } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { KeyRing } from '../../seal/key-ring.ts';
import { Seal } from '../../seal/seal.ts';
import { printShareFile } from '../../seal/share-file.ts';
import type { ShareLock } from '../../seal/share-lock.ts';

/** An officer who will hold a share, and to whom the share file is locked. */
export interface Holder {
  readonly officer: string;
  readonly lock: ShareLock;
}

export interface NewSeal {
  /** The seal folder. */
  readonly folder: string;
  readonly site: string;
  readonly trustDomain: string;
  readonly threshold: number;
  readonly holders: readonly (Holder & { readonly certificateFingerprint: string })[];
  readonly ring: KeyRing;
  /** Where the share files go: one medium for each officer in real life. */
  readonly sharesFolder: string;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Deals the first share set, writes each officer's file, and puts the set in force. On one machine all
 * holders confirm at once; each drills the own share later. Returns the manifest's hash, which stands in
 * every file.
 */
export async function createSeal(order: NewSeal): Promise<string> {
  const { folder, site, trustDomain, threshold, holders, ring, sharesFolder, clock, random } = order;
  const { shares, manifestHash } = await Seal.init(folder, {
    site,
    trustDomain,
    threshold,
    holders,
    ring,
    clock,
    random,
  });
  mkdirSync(sharesFolder, { recursive: true, mode: 0o700 });
  for (const share of shares) {
    const holder = holders.find(({ officer }) => officer === share.officer);
    if (!holder) continue;
    const path = join(sharesFolder, `${share.officer}.share.age`);
    writeFileSync(path, await printShareFile(share, holder.lock), { mode: 0o600, flag: 'wx' });
  }
  const seal = Seal.open(folder, { site, clock, random });
  seal.confirmAll(shares);
  seal.close();
  wipe(...shares.map(({ value }) => value));
  return manifestHash;
}
