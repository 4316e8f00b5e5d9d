import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { JournalVerifier } from './journal-verifier.ts';

const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex'); // RFC 8410

/**
 * Signs share-set manifests and journal records while a site is sealed, so it lies on the disk (mode 0600)
 * outside the ring. Both texts start with a line of their own, so neither can be taken for the other.
 */
export class JournalKey {
  readonly verifier: JournalVerifier;
  readonly #key: KeyObject;

  constructor(name: string, seed: Uint8Array) {
    const der = Buffer.concat([pkcs8Prefix, seed]);
    this.#key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    this.verifier = new JournalVerifier(name, spki.subarray(-32));
  }

  get publicKey(): Buffer {
    return this.verifier.publicKey;
  }

  sign(text: Uint8Array): Buffer {
    return sign(null, text, this.#key);
  }
}
