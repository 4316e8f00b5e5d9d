import { generateX25519Identity } from 'age-encryption';
import { wipe } from '../base/bytes.ts';
import type { Random } from '../base/random.ts';
import { type KeyPurpose, KeyRing } from './key-ring.ts';

/** Purposes whose keys are made here; certificate keys come from the certs module through `withKey`. */
export type FreshPurpose = Extract<KeyPurpose, 'db' | 'log' | 'mirror' | 'field' | 'blind-index' | 'backup'>;

/** A ring of new keys, one for each purpose. */
export async function newRing(
  purposes: readonly FreshPurpose[],
  random: Random,
  createdMs: number,
): Promise<KeyRing> {
  let ring = KeyRing.empty();
  for (const purpose of purposes) {
    const bytes = purpose === 'backup' ? Buffer.from(await generateX25519Identity()) : random.bytes(32);
    const grown = ring.withKey(purpose, bytes, createdMs);
    wipe(bytes);
    ring.wipe();
    ring = grown;
  }
  return ring;
}
