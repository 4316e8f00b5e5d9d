import { fault } from '../core/base/errors.ts';
import { checkRequest } from './certificate-request.ts';
import type { CertificateWish, EnrolmentRequest } from './enrolment.ts';
import { isRole, printGrant, type Role } from './identity.ts';
import { checkHosts } from './leaf.ts';
import type { StoredToken } from './token-store.ts';

/** A site asks for two certificates, gate and node, for its 16 officers at most and a handful of others. */
const wishesMax = 24;

/** A wish whose request was checked. */
export interface CheckedWish extends CertificateWish {
  readonly role: Role;
  readonly publicKey: Uint8Array;
}

/**
 * Every wish is granted, has a request that proves its key, and a key of its own. Throws TB1309, TB1310,
 * TB1316.
 */
export async function checkWishes(
  { certificates }: EnrolmentRequest,
  token: StoredToken,
): Promise<CheckedWish[]> {
  if (certificates.length === 0 || certificates.length > wishesMax) {
    throw fault('TB1310', { reason: `${certificates.length} requests at once` });
  }
  const left = new Set(token.grants);
  const keys = new Set<string>();
  const wishes: CheckedWish[] = [];
  for (const wish of certificates) {
    const { role, name, hosts } = wish;
    if (!isRole(role) || !left.delete(printGrant(role, name))) {
      throw fault('TB1316', { grant: isRole(role) ? role : '?' });
    }
    checkHosts(role, hosts);
    const publicKey = await checkRequest(wish.csr);
    // The gate's key lies on the disk; the same key under another role would lie there too.
    keys.add(publicKey.toString('hex'));
    wishes.push({ ...wish, role, publicKey });
  }
  if (keys.size < wishes.length) throw fault('TB1310', { reason: 'two of them have one key' });
  return wishes;
}

/** A site brings the public keys of its logs; TB1327 without them. */
export function checkKeys({ keys }: EnrolmentRequest, wishes: readonly CheckedWish[]): void {
  const needed = wishes.some(({ role }) => role === 'node' || role === 'hub');
  for (const which of ['log', 'mirror', 'journal'] as const) {
    const { length } = keys[which];
    if (length !== 32 && (needed || length > 0)) throw fault('TB1327', { which });
  }
}
