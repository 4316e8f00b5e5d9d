import type { AsyncEntry } from '@napi-rs/keyring';
import { fault } from '../base/errors.ts';
import { redactText } from '../base/redact.ts';
import { sealError } from './seal-error.ts';
import type { Share } from './share.ts';
import { parseShareText, printShareText } from './share-text.ts';

const service = 'tongbu share';

/**
 * One officer's own share in the key store of that officer's own computer: never a whole key, never at a
 * hub. On Linux the store is pinned to the Secret Service of the desktop: without the pin the library falls
 * back to the kernel's keyring, which a reboot empties. Throws TB1231 where there is no such store.
 */
export async function keepShare(share: Share): Promise<void> {
  const { value: _secret, ...known } = share;
  const text = JSON.stringify({ ...known, text: printShareText(share) });
  await using(share, (entry) => entry.setPassword(text));
}

/** Undefined when the store holds none. The caller wipes the value. */
export async function keptShare(place: Pick<Share, 'site' | 'officer'>): Promise<Share | undefined> {
  const text = await using(place, (entry) => entry.getPassword());
  if (text === null) return undefined;
  const { text: shareText, ...known } = JSON.parse(text) as Omit<Share, 'value'> & { readonly text: string };
  return { ...known, value: parseShareText(shareText, known.officer).value };
}

/** Whether there was one. */
export function forgetShare(place: Pick<Share, 'site' | 'officer'>): Promise<boolean> {
  return using(place, (entry) => entry.deletePassword());
}

async function using<T>(
  { site, officer }: Pick<Share, 'site' | 'officer'>,
  work: (entry: AsyncEntry) => Promise<T>,
): Promise<T> {
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring');
    return await work(new AsyncEntry(service, `${site}/${officer}`, { linux: { store: 'secret-service' } }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    throw fault(sealError.keyStoreUnavailable, { reason: redactText(reason).slice(0, 200) });
  }
}
