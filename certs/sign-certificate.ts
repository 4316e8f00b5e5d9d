import { toHex } from '../core/base/bytes.ts';
import type { Clock } from '../core/base/clock.ts';
import type { Random } from '../core/base/random.ts';
import { authorityKeyIdentifier, type Extension, subjectKeyIdentifier } from './extensions.ts';
import { keyIdentifier, publicKeyOf, signingAlgorithm, signingKey } from './key-pair.ts';
import { x509 } from './x509.ts';

/** Time and randomness of the authority; serial numbers come from `random`. */
export interface Issuance {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly random: Pick<Random, 'bytes'>;
}

export interface CertificateContent {
  /** Common name, for people only; the organisation is the trust domain. */
  readonly commonName: string;
  readonly trustDomain: string;
  /** SubjectPublicKeyInfo DER. */
  readonly publicKey: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: readonly Extension[];
}

/** DER of the issuer's certificate, or 'itself' for a root; `privateKey` is the issuer's. */
export async function signCertificate(
  content: CertificateContent,
  issuer: Uint8Array | 'itself',
  privateKey: Uint8Array,
  issuance: Issuance,
): Promise<Buffer> {
  const subject = subjectName(content.commonName, content.trustDomain);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(issuance.random),
    subject,
    issuer: issuer === 'itself' ? subject : new x509.X509Certificate(exact(issuer)).subjectName,
    notBefore: wholeSeconds(content.notBeforeMs),
    notAfter: wholeSeconds(content.notAfterMs),
    publicKey: exact(content.publicKey),
    signingKey: await signingKey(privateKey),
    signingAlgorithm,
    extensions: [
      ...content.extensions,
      subjectKeyIdentifier(keyIdentifier(content.publicKey)),
      authorityKeyIdentifier(keyIdentifier(publicKeyOf(privateKey))),
    ],
  });
  return Buffer.from(certificate.rawData);
}

/** The library takes views of a larger buffer for the whole of it, so hand over a copy of its own. */
export function exact(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

export function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}

function subjectName(commonName: string, trustDomain: string) {
  return new x509.Name([{ O: [{ utf8String: trustDomain }] }, { CN: [{ utf8String: commonName }] }]);
}

/** 16 random bytes, positive and of full length in DER whatever they are. */
function serialNumber(random: Issuance['random']): string {
  const bytes = new Uint8Array(random.bytes(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return toHex(bytes);
}
