import { createHash } from 'node:crypto';
import * as asn1 from 'asn1js';
import * as pkijs from 'pkijs';
import { assert } from '../core/base/assert.ts';
import { wipe } from '../core/base/bytes.ts';
import { exact } from './sign-certificate.ts';

export interface Pkcs12Content {
  /** DER: the leaf, its issuing authority, the root. */
  readonly chain: readonly Uint8Array[];
  /** PKCS#8 DER, of the leaf. */
  readonly privateKey: Uint8Array;
  /** What the browser lists it as. */
  readonly label: string;
}

const bagIds = { key: '1.2.840.113549.1.12.10.1.2', certificate: '1.2.840.113549.1.12.10.1.3' } as const;
const attributes = { label: '1.2.840.113549.1.9.20', keyId: '1.2.840.113549.1.9.21' } as const;
/**
 * Key, certificates and MAC are each locked with that many rounds. A browser takes no better function than
 * these two, and some refuse a file with more than 600,000 rounds in all; the rest is the length of the
 * passphrase.
 */
const rounds = 150_000;

/**
 * A PKCS#12 file (RFC 7292) for browsers: AES-256-CBC by PBES2 with HMAC-SHA-256, and a MAC with SHA-256. The
 * chain is in it, so that nothing else has to be imported. The passphrase is a string in the library, as the
 * caller had it, and can't be wiped; copies of the key are.
 */
export async function printPkcs12(content: Pkcs12Content, passphrase: string): Promise<Buffer> {
  const { chain, privateKey, label } = content;
  const [leaf] = chain;
  assert(leaf, 'an identity has its certificate');
  const password = exact(Buffer.from(passphrase, 'utf8'));
  const keyBytes = exact(privateKey);
  const marks = markedAs(label, createHash('sha1').update(leaf).digest());
  const locks = { password, contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 } as const };
  const lock = { ...locks, hmacHashAlgorithm: 'SHA-256', iterationCount: rounds };
  try {
    const shrouded = new pkijs.PKCS8ShroudedKeyBag({
      parsedValue: pkijs.PrivateKeyInfo.fromBER(keyBytes),
    });
    await shrouded.makeInternalValues(lock);
    const safes = new pkijs.AuthenticatedSafe({
      parsedValue: {
        safeContents: [
          { privacyMode: 0, value: safeOf([bag(bagIds.key, shrouded, marks)]) },
          { privacyMode: 1, value: safeOf(chain.map((der, i) => certificateBag(der, i === 0 ? marks : []))) },
        ],
      },
    });
    await safes.makeInternalValues({ safeContents: [{}, lock] });
    const file = new pkijs.PFX({ parsedValue: { integrityMode: 0, authenticatedSafe: safes } });
    const mac = { iterations: rounds, pbkdf2HashAlgorithm: 'SHA-256', hmacHashAlgorithm: 'SHA-256' };
    await file.makeInternalValues({ password, ...mac });
    return Buffer.from(file.toSchema().toBER(false));
  } finally {
    wipe(new Uint8Array(password), new Uint8Array(keyBytes));
  }
}

function certificateBag(der: Uint8Array, marks: pkijs.Attribute[]): pkijs.SafeBag {
  return bag(
    bagIds.certificate,
    new pkijs.CertBag({ parsedValue: pkijs.Certificate.fromBER(exact(der)) }),
    marks,
  );
}

function bag(bagId: string, bagValue: pkijs.BagType, bagAttributes: pkijs.Attribute[]): pkijs.SafeBag {
  return new pkijs.SafeBag({ bagId, bagValue, ...(bagAttributes.length > 0 ? { bagAttributes } : {}) });
}

function safeOf(safeBags: pkijs.SafeBag[]): pkijs.SafeContents {
  return new pkijs.SafeContents({ safeBags });
}

/** How a reader finds the certificate that belongs to the key: the same id at both. */
function markedAs(label: string, keyId: Uint8Array): pkijs.Attribute[] {
  return [
    new pkijs.Attribute({ type: attributes.label, values: [new asn1.BmpString({ value: label })] }),
    new pkijs.Attribute({
      type: attributes.keyId,
      values: [new asn1.OctetString({ valueHex: exact(keyId) })],
    }),
  ];
}
