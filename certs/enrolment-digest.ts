import { createHash } from 'node:crypto';

/** What an enrolment is for, down to the keys; not the requests' signatures, which are never the same. */
export interface EnrolmentContent {
  readonly site: string;
  readonly certificates: readonly {
    readonly role: string;
    readonly name: string;
    readonly hosts: readonly string[];
    /** SubjectPublicKeyInfo DER. */
    readonly publicKey: Uint8Array;
  }[];
  /** Raw Ed25519 public keys, empty for persons. */
  readonly keys: { readonly log: Uint8Array; readonly mirror: Uint8Array; readonly journal: Uint8Array };
}

/**
 * SHA-256 over everything that an approval is about. Both sides compute it for themselves: the new site from
 * the keys that it made, the hub from what has arrived. Every part has its length before it.
 */
export function enrolmentDigest({ site, certificates, keys }: EnrolmentContent): Buffer {
  const hash = createHash('sha256');
  const add = (part: Uint8Array | string) => {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  add('tongbu/enrolment/v1');
  add(site);
  add(String(certificates.length));
  for (const { role, name, hosts, publicKey } of certificates) {
    for (const part of [role, name, publicKey, String(hosts.length), ...hosts]) add(part);
  }
  for (const key of [keys.log, keys.mirror, keys.journal]) add(key);
  return hash.digest();
}
