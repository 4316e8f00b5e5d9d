import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { equal, fromBase64, fromHex, toBase64, toHex } from '../base/bytes.ts';

const ed25519 = 0x01;
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex'); // RFC 8410

/** The public half of a journal key, under its name (C2SP signed-note keys, type 01). */
export class JournalVerifier {
  readonly name: string;
  readonly publicKey: Buffer;
  readonly keyId: Buffer;
  readonly #key: KeyObject;

  constructor(name: string, publicKey: Uint8Array) {
    this.name = name;
    this.publicKey = Buffer.from(publicKey);
    const named = Buffer.concat([Buffer.from(`${name}\n`), this.#typed()]);
    this.keyId = hash('sha256', named, 'buffer').subarray(0, 4);
    const der = Buffer.concat([spkiPrefix, publicKey]);
    this.#key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  }

  /** Reads `name+hex8(key id)+base64(01 ‖ public key)`; undefined when it is not in its one printed form. */
  static parse(vkey: string): JournalVerifier | undefined {
    const parts = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/u.exec(vkey);
    const [, name, keyId, encoded] = parts ?? [];
    if (name === undefined || keyId === undefined || encoded === undefined) return undefined;
    const typed = fromBase64(encoded); // 44 digits without padding are 33 bytes
    if (typed[0] !== ed25519) return undefined;
    const verifier = new JournalVerifier(name, typed.subarray(1));
    return equal(fromHex(keyId), verifier.keyId) ? verifier : undefined;
  }

  print(): string {
    return `${this.name}+${toHex(this.keyId)}+${toBase64(this.#typed())}`;
  }

  verify(text: Uint8Array, signature: Uint8Array): boolean {
    return signature.length === 64 && verify(null, text, this.#key, signature);
  }

  #typed(): Buffer {
    return Buffer.concat([Buffer.from([ed25519]), this.publicKey]);
  }
}
