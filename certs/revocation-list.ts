import { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { AuthorityKeyIdentifier, CRLNumber } from '@peculiar/asn1-x509';
import { assert } from '../core/base/assert.ts';
import { fault } from '../core/base/errors.ts';
import { type Authority, authorityName } from './authority.ts';
import { isOneSequence } from './der.ts';
import { authorityKeyIdentifier, crlNumber, oid } from './extensions.ts';
import { keyIdentifier, publicKeyOf, signingAlgorithm, signingKey } from './key-pair.ts';
import { exact, wholeSeconds } from './sign-certificate.ts';
import { x509 } from './x509.ts';

export interface RevokedSerial {
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
  readonly revokedMs: number;
}

/** A revocation list that was read, and what must be compared of it. */
export interface RevocationList {
  readonly der: Uint8Array;
  /** Name of the authority, for people. */
  readonly authority: string;
  /** Key identifier of the authority, hex. */
  readonly authorityKeyId: string;
  /** Grows by one with each list; a lower one than was ever seen is refused (TB1323). */
  readonly number: number;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly revoked: readonly RevokedSerial[];
}

const dayMs = 86_400_000;
/** The issuing authority's list is renewed every 6 hours; 7 days survive a long week-end. */
export const issuingListLifeMs = 7 * dayMs;
/** The root is off line; its list changes only when an issuing authority is revoked. */
export const rootListLifeMs = 366 * dayMs;

export interface RevocationListContent {
  readonly number: number;
  readonly revoked: readonly RevokedSerial[];
  readonly nowMs: number;
  readonly lifeMs: number;
}

/** DER. PEM needs the label `X509 CRL`: the library's own is read by nobody else. */
export async function issueRevocationList(
  authority: Authority,
  content: RevocationListContent,
): Promise<Buffer> {
  assert(Number.isSafeInteger(content.number) && content.number > 0, 'list numbers count from 1');
  const list = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(exact(authority.certificate)).subjectName,
    thisUpdate: wholeSeconds(content.nowMs),
    nextUpdate: wholeSeconds(content.nowMs + content.lifeMs),
    signingAlgorithm,
    signingKey: await signingKey(authority.privateKey),
    extensions: [
      crlNumber(content.number),
      authorityKeyIdentifier(keyIdentifier(publicKeyOf(authority.privateKey))),
    ],
    entries: content.revoked.map(({ serial, revokedMs }) => ({
      serialNumber: serial.padStart(serial.length + (serial.length % 2), '0'),
      revocationDate: wholeSeconds(revokedMs),
    })),
  });
  return Buffer.from(list.rawData);
}

/**
 * Reads a list and checks that one of `authorities` (DER) signed it. Throws TB1324. Whether it has expired
 * is the caller's question: an expired list is still the way to a newer one.
 */
export async function readRevocationList(
  der: Uint8Array,
  authorities: readonly Uint8Array[],
): Promise<RevocationList> {
  if (!isOneSequence(der)) throw fault('TB1324', { reason: 'it is not whole' });
  let list: InstanceType<typeof x509.X509Crl>;
  let number: number;
  let authorityKeyId: string;
  try {
    list = new x509.X509Crl(exact(der));
    // The library gives integers of four bytes and more as text.
    number = Number(AsnConvert.parse(extensionValue(list, oid.crlNumber), CRLNumber).value);
    const issuer = AsnConvert.parse(extensionValue(list, oid.authorityKeyIdentifier), AuthorityKeyIdentifier);
    authorityKeyId = Buffer.from(issuer.keyIdentifier?.buffer ?? new ArrayBuffer(0)).toString('hex');
  } catch (error) {
    throw fault('TB1324', { reason: 'it does not parse or has no number or authority' }, error);
  }
  if (!Number.isSafeInteger(number) || list.nextUpdate === undefined) {
    throw fault('TB1324', { reason: 'it has no number or no end' });
  }
  const signer = authorities.find((certificate) => keyIdentifier(spkiOf(certificate)) === authorityKeyId);
  if (signer === undefined) throw fault('TB1324', { reason: 'it comes from another authority' });
  const publicKey = new x509.X509Certificate(exact(signer)).publicKey;
  if (!(await list.verify({ publicKey }))) throw fault('TB1324', { reason: 'its signature is wrong' });
  return {
    der,
    authority: authorityName(signer),
    authorityKeyId,
    number,
    thisUpdateMs: list.thisUpdate.getTime(),
    nextUpdateMs: list.nextUpdate.getTime(),
    revoked: list.entries.map((entry) => ({
      serial: entry.serialNumber.toLowerCase().replace(/^0+/, ''),
      revokedMs: entry.revocationDate.getTime(),
    })),
  };
}

/** Every authority of a chain needs a list, or OpenSSL lets nobody in: TB1322 names the missing one. */
export function requireLists(authorities: readonly Uint8Array[], lists: readonly RevocationList[]): void {
  const covered = new Set(lists.map((list) => list.authorityKeyId));
  for (const certificate of authorities) {
    if (covered.has(keyIdentifier(spkiOf(certificate)))) continue;
    throw fault('TB1322', { authority: authorityName(certificate) });
  }
}

/** The newer of two lists of one authority may replace the older, never the reverse: TB1323. */
export function requireNewer(offered: RevocationList, highestSeen: number): void {
  if (offered.number >= highestSeen) return;
  throw fault('TB1323', { authority: offered.authority, found: offered.number, known: highestSeen });
}

function spkiOf(certificate: Uint8Array): Buffer {
  return new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
}

function extensionValue(list: InstanceType<typeof x509.X509Crl>, id: string): ArrayBuffer {
  const found = list.extensions.filter((extension) => extension.type === id);
  if (found.length !== 1 || found[0] === undefined) throw new TypeError(`not one extension ${id}`);
  return found[0].value;
}
