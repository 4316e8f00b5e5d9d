import { recordOf } from '../../certs/certificate-record.ts';
import { generateKeyPair } from '../../certs/key-pair.ts';
import { issueLeaf } from '../../certs/leaf.ts';
import { wipe } from '../../core/base/bytes.ts';
import { fault } from '../../core/base/errors.ts';
import { printActor } from '../../core/site/audit/audit.ts';
import type { IssuedHere, OfficerHere } from '../../core/site/trust/certificate-desk.ts';
import type { AuthorityParts } from './authority-parts.ts';

/**
 * New certificates, with new keys, for officers who have just opened the hub at its machine with their
 * shares. Only for those who had one of this hub that has ended; the others are left out. Throws TB1208 for
 * an officer whose newest certificate was revoked, before anything is issued: with a certificate that share
 * could not have been entered either. Throws TB1219, TB1307, TB1702.
 */
export async function issueHere(
  parts: AuthorityParts,
  officers: readonly OfficerHere[],
): Promise<readonly IssuedHere[]> {
  const { register, site } = parts;
  for (const { name: officer } of officers) {
    const newest = register.newest({ site, role: 'officer', name: officer });
    if (newest?.revokedMs !== undefined) throw fault('TB1208', { officer });
  }
  const issued: IssuedHere[] = [];
  for (const officer of officers) {
    const made = await parts.turns.run(() => issueOne(parts, officer));
    if (made) issued.push(made);
  }
  return issued;
}

async function issueOne(
  parts: AuthorityParts,
  { name, expired }: OfficerHere,
): Promise<IssuedHere | undefined> {
  const { register, issuers, clock, random, database, audit, site, trustDomain, days } = parts;
  const identity = { trustDomain, site, role: 'officer', name } as const;
  const held = register.newest(identity);
  if (!held || !(expired ?? held.notAfterMs <= clock.nowMs())) return undefined;
  const current = issuers.current();
  const { publicKey, privateKey } = generateKeyPair();
  try {
    const leaf = { identity, hosts: [], publicKey, lifeDays: days };
    const { certificate } = await issuers.signing(current, (authority) =>
      issueLeaf(authority, leaf, { clock, random }),
    );
    const record = recordOf(certificate, trustDomain);
    const { fingerprint, notAfterMs } = record;
    database.transaction(() => {
      audit.write({
        kind: 'certificate',
        step: 'issued-here',
        by: 'site',
        subject: `${printActor(record)} ${fingerprint}`,
        detail: `until ${new Date(notAfterMs).toISOString()}`,
      });
      register.record(record, clock.nowMs());
    });
    const { root, issuing, authorityId, rootId } = current;
    const lists = [authorityId, rootId].flatMap((id) => parts.lists.of(id)?.der ?? []);
    return { name, fingerprint, notAfterMs, chain: [certificate, issuing], root, lists, privateKey };
  } catch (error) {
    wipe(privateKey);
    throw error;
  }
}
