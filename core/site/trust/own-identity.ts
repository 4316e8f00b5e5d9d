import { X509Certificate } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { publicKeyOf } from '../../../certs/key-pair.ts';
import { assert } from '../../base/assert.ts';
import { equal } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import { pem } from '../../base/pem.ts';
import { type FileSystem, nodeFiles } from '../../seal/file-system.ts';
import type { KeyPurpose, KeyRing } from '../../seal/key-ring.ts';
import type { RingAccess } from '../seal/ring-access.ts';
import { identityFiles, readKey, readPem } from './identity-folder.ts';
import { replaceFile } from './replace-file.ts';
import type { OwnIdentity } from './trust.ts';

/** The key of a renewed gate certificate, until that certificate is in its place. */
const nextKeyFile = 'key.next.pem';

export type RingIdentity = Extract<KeyPurpose, 'tls' | 'tls-uplink'>;

/**
 * The certificate of a folder with the key that fits it, wherever a crash in the middle of a renewal has left
 * that. Throws TB1003, TB1604, TB1398.
 */
export function readOwnFolder(folder: string): OwnIdentity {
  const chain = readChain(folder);
  const path = join(folder, identityFiles.key);
  const key = readKey(path);
  if (fits(chain, key)) return { chain, privateKey: key };
  const next = join(folder, nextKeyFile);
  const nextKey = existsSync(next) ? readKey(next) : undefined;
  if (!nextKey || !fits(chain, nextKey)) throw fault('TB1398', { path: join(folder, identityFiles.chain) });
  renameSync(next, path);
  return { chain, privateKey: nextKey };
}

/** The same with the key in the ring; a copy, which the caller wipes. */
export function readOwnRing(folder: string, ring: KeyRing, purpose: RingIdentity): OwnIdentity {
  const chain = readChain(folder);
  for (const { epoch } of keysFor(ring, purpose)) {
    const key = ring.key(purpose, epoch);
    if (fits(chain, key)) return { chain, privateKey: Uint8Array.from(key) };
  }
  throw fault('TB1398', { path: join(folder, identityFiles.chain) });
}

/** Key first, then the certificate: whatever is found after a crash is a usable pair. Throws TB1397. */
export function storeInFolder(
  folder: string,
  { chain, privateKey }: OwnIdentity,
  files: FileSystem = nodeFiles,
): void {
  const key = pem('PRIVATE KEY', privateKey);
  try {
    replaceFile(join(folder, nextKeyFile), key, files);
    storeChain(folder, chain, files);
    replaceFile(join(folder, identityFiles.key), key, files);
  } finally {
    key.fill(0);
  }
}

/**
 * The ring holds the new key and that of the certificate in use before the certificate is replaced; keys that
 * no certificate of ours fits any more go with the same write.
 */
export function storeInRing(
  folder: string,
  purpose: RingIdentity,
  { chain, privateKey }: OwnIdentity,
  keys: RingAccess,
  nowMs: number,
  files: FileSystem = nodeFiles,
): void {
  const before = readChain(folder);
  keys.replace((ring) => {
    let next = ring.withKey(purpose, privateKey, nowMs);
    for (const { epoch, state } of keysFor(next, purpose)) {
      if (state !== 'retired' || fits(before, next.key(purpose, epoch))) continue;
      const smaller = next.withoutRetired(purpose, epoch);
      next.wipe();
      next = smaller;
    }
    return next;
  });
  storeChain(folder, chain, files);
}

function storeChain(folder: string, chain: readonly Uint8Array[], files: FileSystem): void {
  const text = Buffer.concat(chain.map((der) => pem('CERTIFICATE', der)));
  replaceFile(join(folder, identityFiles.chain), text, files);
}

function readChain(folder: string): readonly Uint8Array[] {
  const path = join(folder, identityFiles.chain);
  const chain = readPem(path, 'CERTIFICATE');
  if (chain.length === 0) throw fault('TB1003', { path });
  return chain;
}

function keysFor(ring: KeyRing, purpose: RingIdentity) {
  return ring.list().filter((key) => key.purpose === purpose);
}

function fits([leaf]: readonly Uint8Array[], privateKey: Uint8Array): boolean {
  assert(leaf, 'a chain begins with its leaf');
  const spki = new X509Certificate(leaf).publicKey.export({ type: 'spki', format: 'der' });
  return equal(spki, publicKeyOf(privateKey));
}
