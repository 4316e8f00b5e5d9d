import { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { AuthorityKeyIdentifier, Certificate, GeneralNames } from '@peculiar/asn1-x509';
import { assert } from '../core/base/assert.ts';
import { oid } from './extensions.ts';
import { type Identity, parseIdentity } from './identity.ts';
import { keyIdentifier } from './key-pair.ts';
import { describeCertificate, type IssuedCertificate } from './leaf.ts';
import './x509.ts';

/** All that an authority remembers of a certificate that it issued. */
export interface CertificateRecord extends IssuedCertificate, Identity {
  /** Host names and addresses, as they stand in it. */
  readonly hosts: readonly string[];
  /** Key identifier of its key, hex: tells a key that was used before. */
  readonly keyId: string;
  /** Key identifier of the authority that signed it, hex. */
  readonly authorityId: string;
}

/**
 * Read from the certificate (DER) itself, which the authority built: what is remembered can't differ from
 * what was issued. Only for own certificates; anything else is a bug.
 */
export function recordOf(certificate: Uint8Array, trustDomain: string): CertificateRecord {
  const { tbsCertificate } = AsnConvert.parse(certificate, Certificate);
  const value = (id: string): ArrayBuffer => {
    const found = tbsCertificate.extensions?.find(({ extnID }) => extnID === id)?.extnValue.buffer;
    assert(found, 'a certificate of ours has all of its extensions');
    return found;
  };
  const names = [...AsnConvert.parse(value(oid.subjectAltName), GeneralNames)];
  const uri = names.find((name) => name.uniformResourceIdentifier)?.uniformResourceIdentifier ?? '';
  const identity = parseIdentity(uri, trustDomain);
  assert(typeof identity !== 'string', 'a certificate of ours names an identity of ours');
  const { keyIdentifier: authority } = AsnConvert.parse(
    value(oid.authorityKeyIdentifier),
    AuthorityKeyIdentifier,
  );
  return {
    ...describeCertificate(certificate),
    ...identity,
    hosts: names.flatMap(({ dNSName, iPAddress }) => dNSName ?? iPAddress ?? []),
    keyId: keyIdOf(certificate),
    authorityId: Buffer.from(authority?.buffer ?? new ArrayBuffer(0)).toString('hex'),
  };
}

/** Key identifier of a certificate's own key (DER), hex: an authority's is what its lists and leafs name. */
export function keyIdOf(certificate: Uint8Array): string {
  return keyIdentifier(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }));
}
