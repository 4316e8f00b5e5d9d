import { createHash, X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, CRLNumber, GeneralNames } from '@peculiar/asn1-x509';
import { pemBlocks } from '../core/base/pem.ts';
import { checkRequest } from './certificate-request.ts';
import { isOneSequence } from './der.ts';
import { oid } from './extensions.ts';
import { fingerprintOf } from './fingerprint.ts';
import { keyWords } from './key-words.ts';
import { exact } from './sign-certificate.ts';
import { x509 } from './x509.ts';

/** What a file says, without anybody's word that it is true: no signature but a request's own is checked. */
export type Described =
  | {
      readonly kind: 'certificate';
      readonly subject: string;
      readonly issuer: string;
      readonly authority: boolean;
      readonly uri: string;
      readonly hosts: readonly string[];
      readonly fingerprint: string;
      readonly serial: string;
      readonly fromMs: number;
      readonly untilMs: number;
      /** Of the public key, for the telephone. */
      readonly keyWords: string;
    }
  | { readonly kind: 'request'; readonly keyWords: string }
  | {
      readonly kind: 'list';
      readonly issuer: string;
      readonly number: number;
      readonly fromMs: number;
      readonly untilMs: number;
      /** Serial numbers, lower-case hex. */
      readonly revoked: readonly string[];
    };

/** Everything in a PEM or DER file, in order; empty for anything else. Private keys are passed over. */
export async function describeFile(bytes: Uint8Array): Promise<Described[]> {
  const certificates = pemBlocks('CERTIFICATE', bytes);
  const lists = pemBlocks('X509 CRL', bytes);
  const requests = pemBlocks('CERTIFICATE REQUEST', bytes);
  if (certificates.length + lists.length + requests.length === 0) {
    return isOneSequence(bytes) ? [(await describeDer(bytes)) ?? []].flat() : [];
  }
  const found = await Promise.all([...certificates, ...requests, ...lists].map(describeDer));
  return found.flatMap((each) => each ?? []);
}

async function describeDer(der: Uint8Array): Promise<Described | undefined> {
  for (const read of [describeCertificateDer, describeListDer, describeRequestDer]) {
    try {
      return await read(der);
    } catch {
      // It is something else.
    }
  }
  return undefined;
}

function describeCertificateDer(der: Uint8Array): Described {
  const parsed = new X509Certificate(der);
  const { extensions = [] } = AsnConvert.parse(der, Certificate).tbsCertificate;
  const value = extensions.find(({ extnID }) => extnID === oid.subjectAltName)?.extnValue.buffer;
  const names = value ? [...AsnConvert.parse(value, GeneralNames)] : [];
  return {
    kind: 'certificate',
    subject: oneLine(parsed.subject),
    issuer: oneLine(parsed.issuer),
    authority: parsed.ca,
    uri: names.find((name) => name.uniformResourceIdentifier)?.uniformResourceIdentifier ?? '',
    hosts: names.flatMap(({ dNSName, iPAddress }) => dNSName ?? iPAddress ?? []),
    fingerprint: fingerprintOf(der),
    serial: parsed.serialNumber.toLowerCase().replace(/^0+/, ''),
    fromMs: parsed.validFromDate.getTime(),
    untilMs: parsed.validToDate.getTime(),
    keyWords: wordsOf(parsed.publicKey.export({ type: 'spki', format: 'der' })),
  };
}

async function describeRequestDer(der: Uint8Array): Promise<Described> {
  return { kind: 'request', keyWords: wordsOf(await checkRequest(der)) };
}

function describeListDer(der: Uint8Array): Described {
  const list = new x509.X509Crl(exact(der));
  const number = list.extensions.find(({ type }) => type === oid.crlNumber);
  return {
    kind: 'list',
    issuer: list.issuer,
    number: number ? Number(AsnConvert.parse(number.value, CRLNumber).value) : 0,
    fromMs: list.thisUpdate.getTime(),
    untilMs: list.nextUpdate?.getTime() ?? 0,
    revoked: list.entries.map(({ serialNumber }) => serialNumber.toLowerCase().replace(/^0+/, '')),
  };
}

function wordsOf(publicKey: Uint8Array): string {
  return keyWords(createHash('sha256').update(publicKey).digest());
}

function oneLine(name: string): string {
  return name.split('\n').reverse().join(', ');
}
