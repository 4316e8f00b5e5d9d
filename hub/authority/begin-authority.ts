import { recordOf } from '../../certs/certificate-record.ts';
import { readRevocationList } from '../../certs/revocation-list.ts';
import { assert } from '../../core/base/assert.ts';
import { printActor } from '../../core/site/audit/audit.ts';
import type { AuthorityParts } from './authority-parts.ts';

/** What `hub init` made before there was a database. DER throughout. */
export interface AuthorityBeginning {
  readonly root: Uint8Array;
  readonly issuing: Uint8Array;
  /** Of the root and of the issuing authority. */
  readonly lists: readonly Uint8Array[];
  /** Every certificate that was issued: of the hub, its officers and operator. */
  readonly leafs: readonly Uint8Array[];
}

/** The first generation and all that it has signed, in the tables, the registry and `audit`. */
export async function beginAuthority(parts: AuthorityParts, beginning: AuthorityBeginning): Promise<void> {
  const { database, audit, register, issuers, lists, registry, clock, trustDomain } = parts;
  const { root, issuing, leafs } = beginning;
  const read = await Promise.all(beginning.lists.map((der) => readRevocationList(der, [root, issuing])));
  assert(read.length === 2, 'a list of each authority');
  const records = leafs.map((leaf) => recordOf(leaf, trustDomain));
  const nowMs = clock.nowMs();
  database.transaction(() => {
    audit.write(
      ...records.map((issued) => ({
        kind: 'certificate' as const,
        step: 'issued',
        by: 'site' as const,
        subject: `${printActor(issued)} ${issued.fingerprint}`,
        detail: `until ${new Date(issued.notAfterMs).toISOString()}`,
      })),
    );
    for (const issued of records) register.record(issued, nowMs);
    issuers.add(root, issuing, '2', nowMs);
    registry.authority(issuers.current());
    for (const list of read) {
      const stored = { ...list, authorityId: list.authorityKeyId };
      lists.store(stored);
      registry.list(stored);
    }
  });
}
