import { wipe } from '../base/bytes.ts';
import { combine } from './dealing.ts';
import { KeyRing } from './key-ring.ts';
import type { SealState, StoredSet } from './seal-state.ts';
import { ringPlace, rootPlace, unsealKey, unwrap } from './wrapping.ts';

/** What an unsealed site holds in memory, and only there. */
export interface OpenKeys {
  readonly root: Uint8Array;
  readonly ring: KeyRing;
}

/**
 * Shares → secret → unseal key → root key → ring. Undefined when a wrap does not open: the shares are proved
 * by then, so it is the state that is damaged or was put together from two.
 */
export function openKeys(
  state: SealState,
  stored: StoredSet,
  shares: ReadonlyMap<string, Uint8Array>,
): OpenKeys | undefined {
  const { setId, epoch } = stored.set;
  const secret = combine(stored.set, shares);
  const key = unsealKey(secret, setId);
  const root = unwrap(key, stored.wrappedRoot, rootPlace(state.site, setId, epoch));
  wipe(secret, key);
  if (root === undefined) return undefined;
  const bytes = unwrap(root, state.wrappedRing, ringPlace(state.site, state.epoch));
  const ring = bytes === undefined ? undefined : KeyRing.fromBytes(bytes);
  if (bytes !== undefined) wipe(bytes);
  if (ring !== undefined) return { root, ring };
  wipe(root);
  return undefined;
}
