import { secretBytes } from '../../base/bytes.ts';
import type { KeyRing } from '../../seal/key-ring.ts';

/**
 * Keys that open the databases of the site, as `Database.open` takes them: the one in use, then retired
 * ones of files whose turn has not come. A copy; the caller wipes it. Throws TB1226.
 */
export function databaseKey(ring: KeyRing): Uint8Array {
  const retired = ring.list().filter(({ purpose, state }) => purpose === 'db' && state === 'retired');
  const keys = [ring.key('db'), ...retired.reverse().map(({ epoch }) => ring.key('db', epoch))];
  // Straight into the copy: an intermediate buffer would be one that nobody wipes.
  const copy = secretBytes(keys.reduce((length, key) => length + key.length, 0));
  keys.reduce((at, key) => {
    copy.set(key, at);
    return at + key.length;
  }, 0);
  return copy;
}
