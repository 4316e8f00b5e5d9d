import { fingerprintOf } from '../../../certs/fingerprint.ts';
import { assert } from '../../base/assert.ts';
import { wipe } from '../../base/bytes.ts';
import type { KeyRing } from '../../seal/key-ring.ts';
import type { SiteFolder } from '../site-folder.ts';
import { type StoredIdentity, writeIdentity } from '../trust/identity-folder.ts';
import type { Holder } from './new-seal.ts';
import { personFolder, type WantedIdentity } from './wanted-identity.ts';

/** An identity with its certificate. */
export interface IssuedIdentity extends WantedIdentity {
  /** DER: leaf, issuing authority. */
  readonly chain: readonly Uint8Array[];
}

/**
 * Puts every identity where it belongs: the gate with its key, the data certificate without (the key goes
 * into the ring), each person's into a folder to be handed over.
 */
export function storeIdentities(
  paths: SiteFolder,
  issued: readonly IssuedIdentity[],
  authority: Pick<StoredIdentity, 'root' | 'lists'>,
): void {
  for (const identity of issued) {
    const { role, chain, keys } = identity;
    const files = { ...authority, chain };
    const privateKey = keys.privateKey;
    if (role === 'gate') writeIdentity(paths.gate, { ...files, privateKey });
    else if (role === 'node' || role === 'hub') writeIdentity(paths.data, files);
    else writeIdentity(personFolder(paths.people, identity), { ...files, privateKey });
  }
}

/** The ring with the data certificate's key in it. */
export function withTlsKey(ring: KeyRing, issued: readonly IssuedIdentity[], createdMs: number): KeyRing {
  const data = issued.find(({ role }) => role === 'node' || role === 'hub');
  assert(data, 'a site has a data certificate');
  const grown = ring.withKey('tls', data.keys.privateKey, createdMs);
  ring.wipe();
  return grown;
}

/** Holders of shares with the certificate that names them in the manifest. */
export function holdersOf(holders: readonly Holder[], issued: readonly IssuedIdentity[]) {
  return holders.map((holder) => {
    const own = issued.find(({ role, name }) => role === 'officer' && name === holder.officer);
    const leaf = own?.chain[0];
    assert(leaf, 'every holder is an officer with a certificate');
    return { ...holder, certificateFingerprint: fingerprintOf(leaf) };
  });
}

export function wipeKeys(identities: readonly WantedIdentity[]): void {
  for (const { keys } of identities) wipe(keys.privateKey);
}
