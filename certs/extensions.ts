import { isIP } from 'node:net';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  CRLNumber,
  ExtendedKeyUsage,
  GeneralName,
  GeneralNames,
  GeneralSubtree,
  GeneralSubtrees,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  NameConstraints,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import { x509 } from './x509.ts';

/** Object identifiers of what we write and check (RFC 5280). */
export const oid = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

export type Extension = InstanceType<typeof x509.Extension>;

function extension(id: string, critical: boolean, value: unknown): Extension {
  return new x509.Extension(id, critical, AsnConvert.serialize(value));
}

export function basicConstraints(cA: boolean, pathLenConstraint?: number): Extension {
  const value = new BasicConstraints(pathLenConstraint === undefined ? { cA } : { cA, pathLenConstraint });
  return extension(oid.basicConstraints, true, value);
}

export function keyUsage(use: 'authority' | 'leaf'): Extension {
  const flags =
    use === 'leaf' ? KeyUsageFlags.digitalSignature : KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;
  return extension(oid.keyUsage, true, new KeyUsage(flags));
}

export function extendedKeyUsage(purposes: readonly string[]): Extension {
  return extension(oid.extendedKeyUsage, false, new ExtendedKeyUsage([...purposes]));
}

/** `keyId` as hex, of the certificate's own key. */
export function subjectKeyIdentifier(keyId: string): Extension {
  return extension(oid.subjectKeyIdentifier, false, new SubjectKeyIdentifier(Buffer.from(keyId, 'hex')));
}

/** `keyId` as hex, of the issuer's key. */
export function authorityKeyIdentifier(keyId: string): Extension {
  const value = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(Buffer.from(keyId, 'hex')) });
  return extension(oid.authorityKeyIdentifier, false, value);
}

/** One URI first, then host names and addresses. */
export function subjectAltName(uri: string, hosts: readonly string[]): Extension {
  const names = hosts.map(
    (host) => new GeneralName(isIP(host) > 0 ? { iPAddress: host } : { dNSName: host }),
  );
  const value = new GeneralNames([new GeneralName({ uniformResourceIdentifier: uri }), ...names]);
  return extension(oid.subjectAltName, false, value);
}

/** Only URIs of this very trust domain, no sub-domain: an authority of one province can't name another. */
export function nameConstraint(trustDomain: string): Extension {
  const base = new GeneralName({ uniformResourceIdentifier: trustDomain });
  const permittedSubtrees = new GeneralSubtrees([new GeneralSubtree({ base })]);
  return extension(oid.nameConstraints, true, new NameConstraints({ permittedSubtrees }));
}

export function crlNumber(number: number): Extension {
  return extension(oid.crlNumber, false, new CRLNumber(number));
}
