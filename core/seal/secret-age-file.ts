import { armor, Decrypter, Encrypter } from 'age-encryption';
import { fault } from '../base/errors.ts';
import { sealError } from './seal-error.ts';
import type { ShareKey, ShareLock } from './share-lock.ts';

const workFactor = 18; // about a second to try one passphrase; the library opens up to 20

/** A secret that is kept off line (an authority's key), in the same public format as share files. */
export async function encryptSecret(secret: Uint8Array, lock: ShareLock): Promise<string> {
  const encrypter = new Encrypter();
  if ('recipients' in lock) for (const recipient of lock.recipients) encrypter.addRecipient(recipient);
  else {
    encrypter.setPassphrase(lock.passphrase);
    encrypter.setScryptWorkFactor(lock.workFactor ?? workFactor);
  }
  return armor.encode(await encrypter.encrypt(secret));
}

/** Whether a passphrase opens it; the others are for identities. Damaged files are neither. */
export function isLockedByPassphrase(file: string): boolean {
  const body = file.replaceAll(/-----[^-]+-----|\s/g, '');
  // The header begins with the version's line, and a passphrase is the only recipient where there is one.
  return /^age-encryption\.org\/v1\n-> scrypt /.test(Buffer.from(body, 'base64').toString('latin1'));
}

/** Throws TB1224 for another key or a damaged file; age does not tell which. The caller wipes the secret. */
export async function decryptSecret(file: string, key: ShareKey): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  try {
    if ('identities' in key) for (const identity of key.identities) decrypter.addIdentity(identity);
    else decrypter.addPassphrase(key.passphrase);
    return await decrypter.decrypt(armor.decode(file));
  } catch {
    throw fault(sealError.shareFileUnreadable, { reason: 'passphrase, identity or file' });
  }
}
