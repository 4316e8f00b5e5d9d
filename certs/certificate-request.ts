import { createPublicKey } from 'node:crypto';
import { fault } from '../core/base/errors.ts';
import { isOneSequence } from './der.ts';
import { type KeyPair, signingAlgorithm, signingKey } from './key-pair.ts';
import { exact } from './sign-certificate.ts';
import { x509 } from './x509.ts';

/** A P-256 request without extensions has about 250 bytes; a name and an attribute or two still fit. */
const requestBytesMax = 4_096;

/** PKCS#10 DER. It proves possession of the key and says nothing else that anybody would believe. */
export async function createRequest(keys: KeyPair, commonName: string): Promise<Buffer> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: new x509.Name([{ CN: [{ utf8String: commonName }] }]),
    keys: {
      privateKey: await signingKey(keys.privateKey),
      publicKey: await new x509.PublicKey(exact(keys.publicKey)).export(),
    },
    signingAlgorithm,
  });
  return Buffer.from(request.rawData);
}

/**
 * The public key of a request (SubjectPublicKeyInfo DER, re-encoded, P-256), or TB1310. Names, extensions and
 * attributes of the request are not even looked at: the authority builds the certificate from its own record.
 */
export async function checkRequest(request: Uint8Array): Promise<Buffer> {
  if (request.length > requestBytesMax) throw fault('TB1310', { reason: `${request.length} bytes` });
  if (!isOneSequence(request)) throw fault('TB1310', { reason: 'it is not whole' });
  let publicKey: Buffer;
  let signed: boolean;
  try {
    const parsed = new x509.Pkcs10CertificateRequest(exact(request));
    publicKey = canonicalKey(Buffer.from(parsed.publicKey.rawData));
    signed = parsed.signatureAlgorithm.hash?.name === 'SHA-256' && (await parsed.verify());
  } catch (error) {
    throw fault('TB1310', { reason: 'it does not parse or its key is not P-256' }, error);
  }
  if (!signed) throw fault('TB1310', { reason: 'its signature is wrong' });
  return publicKey;
}

function canonicalKey(spki: Buffer): Buffer {
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new TypeError('not a P-256 key');
  }
  return key.export({ format: 'der', type: 'spki' });
}
