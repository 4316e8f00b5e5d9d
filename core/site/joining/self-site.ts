import { toHex } from '../../base/bytes.ts';
import { publicKeyOf } from '../../log/keys.ts';
import type { KeyRing } from '../../seal/key-ring.ts';
import type { KnownSite } from '../directory.ts';

/** This site as others know it: its public keys are those of the seeds in its ring. */
export function selfSite(about: Omit<KnownSite, 'logKey' | 'mirrorKey'>, ring: KeyRing): KnownSite {
  const { site, name, tier, trustDomain } = about;
  return {
    site,
    name,
    tier,
    trustDomain,
    logKey: toHex(publicKeyOf(ring.key('log'))),
    mirrorKey: toHex(publicKeyOf(ring.key('mirror'))),
  };
}
