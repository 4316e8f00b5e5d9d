import { constants, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { assert } from '../base/assert.ts';
import { fault } from '../base/errors.ts';
import { pem } from '../base/pem.ts';
import type { Peer } from '../link/channel.ts';

/** Everything a TLS end needs, always whole: an update replaces all of it. DER throughout. */
export interface TlsMaterial {
  /** Own certificate and the authorities above it, without the root (with it at the enrolment listener). */
  readonly chain: readonly Uint8Array[];
  /** PKCS#8, secret. */
  readonly privateKey: Uint8Array;
  /** Whom to trust; after a roll-over the old root too, until its last leaf is gone. */
  readonly roots: readonly Uint8Array[];
  /** One for each authority of each trusted chain, the roots included. */
  readonly lists: readonly RevocationListFile[];
}

/** A revocation list, read and verified by certs. */
export interface RevocationListFile {
  readonly der: Uint8Array;
  /** For people. */
  readonly authority: string;
  readonly nextUpdateMs: number;
}

/**
 * Whether a context checks revocation. 'lapsed': the lists have expired and the context goes without, because
 * OpenSSL would refuse everybody; for as long as newer ones are being fetched, and for nothing but that.
 */
export type Lists = 'checked' | 'lapsed';

/** The peer policy of certs, over the certificate (DER) of a connection; asked again on every call. */
export type Examine = (certificate: Uint8Array) => Peer | { readonly refusal: string };

/**
 * The complete context, checked: TB1320 for a key that does not fit or for junk, TB1321 for an expired list,
 * which OpenSSL takes without a word and then rejects everybody with. TLS 1.3 alone; no tickets, because a
 * resumed session skips the certificate checks.
 */
export function contextOptions(material: TlsMaterial, nowMs: number): SecureContextOptions {
  assert(material.roots.length > 0, 'without roots Node trusts its own list');
  assert(material.lists.length > 0, 'without lists nobody is ever revoked');
  for (const { authority, nextUpdateMs } of material.lists) {
    if (nextUpdateMs > nowMs) continue;
    throw fault('TB1321', { authority, time: new Date(nextUpdateMs).toISOString() });
  }
  // An array of one list each: of several in one text only the first is read.
  const crl = material.lists.map(({ der }) => pem('X509 CRL', der));
  return checked({ ...withoutLists(material), crl }, [...material.chain, ...material.roots]);
}

/**
 * The same without revocation lists, for two cases only: a site whose lists expired while it was off line
 * fetches newer ones, and the enrolment listener, which asks nobody for a certificate.
 */
export function contextOptionsWithoutLists(material: Omit<TlsMaterial, 'lists'>): SecureContextOptions {
  assert(material.roots.length > 0, 'without roots Node trusts its own list');
  return checked(withoutLists(material), [...material.chain, ...material.roots]);
}

/** For the client of the enrolment listener, which has no certificate yet. */
export function contextOptionsOfStranger(root: Uint8Array): SecureContextOptions {
  return checked({ ca: [pem('CERTIFICATE', root)], minVersion: 'TLSv1.3' }, [root]);
}

function withoutLists({ chain, privateKey, roots }: Omit<TlsMaterial, 'lists'>): SecureContextOptions {
  return {
    cert: Buffer.concat(chain.map((certificate) => pem('CERTIFICATE', certificate))),
    key: pem('PRIVATE KEY', privateKey),
    ca: roots.map((root) => pem('CERTIFICATE', root)),
    minVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

function checked(options: SecureContextOptions, certificates: readonly Uint8Array[]): SecureContextOptions {
  try {
    // Node skips a root that does not parse, without a word.
    for (const certificate of certificates) new X509Certificate(certificate);
    createSecureContext(options);
  } catch (error) {
    const reason = error instanceof Error && 'reason' in error ? String(error.reason) : 'not a certificate';
    throw fault('TB1320', { reason }, error);
  }
  return options;
}
