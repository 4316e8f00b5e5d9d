import { createHash } from 'node:crypto';

/**
 * SHA-256 of a certificate's DER, lower-case hex. Serial numbers are printed in different case by different
 * libraries and repeat between authorities; this does neither.
 */
export function fingerprintOf(certificate: Uint8Array): string {
  return createHash('sha256').update(certificate).digest('hex');
}
