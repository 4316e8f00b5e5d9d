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
 * Shares → secret → unseal key → root key. Undefined when the wrap does not open: the shares are proved by
 * then, so it is the state that is damaged or was put together from two. The caller wipes both.
 */
export function openRoot(
  stored: StoredSet,
  shares: ReadonlyMap<string, Uint8Array>,
): { key: Uint8Array; root: Uint8Array } | undefined {
  const { site, setId, epoch } = stored.set;
  const secret = combine(stored.set, shares);
  const key = unsealKey(secret, setId);
  const root = unwrap(key, stored.wrappedRoot, rootPlace(site, setId, epoch));
  wipe(secret);
  if (root !== undefined) return { key, root };
  wipe(key);
  return undefined;
}

/** Undefined when the wrap is not of this root key and epoch. The caller wipes it. */
export function openRing(
  { site, epoch, wrappedRing }: Pick<SealState, 'site' | 'epoch' | 'wrappedRing'>,
  root: Uint8Array,
): KeyRing | undefined {
  const bytes = unwrap(root, wrappedRing, ringPlace(site, epoch));
  const ring = bytes === undefined ? undefined : KeyRing.fromBytes(bytes);
  if (bytes !== undefined) wipe(bytes);
  return ring;
}

/** The way from shares to the ring; undefined where `openRoot` or `openRing` is. */
export function openKeys(
  state: SealState,
  stored: StoredSet,
  shares: ReadonlyMap<string, Uint8Array>,
): OpenKeys | undefined {
  const opened = openRoot(stored, shares);
  if (opened === undefined) return undefined;
  wipe(opened.key);
  const ring = openRing(state, opened.root);
  if (ring !== undefined) return { root: opened.root, ring };
  wipe(opened.root);
  return undefined;
}
