import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRevocationList } from '../../../certs/revocation-list.ts';
import { wipe } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import { type PemLabel, pem, pemBlocks } from '../../base/pem.ts';
import type { TlsMaterial } from '../../wire/tls-material.ts';

/** A certificate with all that is needed to use it, as PEM files that any TLS tool reads. */
export interface StoredIdentity {
  /** DER: the leaf, then its issuing authority. */
  readonly chain: readonly Uint8Array[];
  readonly root: Uint8Array;
  /** DER, one for each authority. */
  readonly lists: readonly Uint8Array[];
  /** PKCS#8 DER; absent where the key is in the ring. */
  readonly privateKey?: Uint8Array;
}

/** Names in an identity folder. */
export const identityFiles = {
  key: 'key.pem',
  chain: 'cert.pem',
  root: 'ca.pem',
  lists: 'crl.pem',
  /** Every issuing authority that is trusted, once there has been another than that of the chain. */
  issuers: 'issuers.pem',
} as const;

export function writeIdentity(folder: string, identity: StoredIdentity): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, label: PemLabel, ders: readonly Uint8Array[], mode: number): void => {
    const text = Buffer.concat(ders.map((der) => pem(label, der)));
    writeFileSync(join(folder, name), text, { mode });
    if (label === 'PRIVATE KEY') text.fill(0);
  };
  write(identityFiles.chain, 'CERTIFICATE', identity.chain, 0o644);
  write(identityFiles.root, 'CERTIFICATE', [identity.root], 0o644);
  write(identityFiles.lists, 'X509 CRL', identity.lists, 0o644);
  if (identity.privateKey) write(identityFiles.key, 'PRIVATE KEY', [identity.privateKey], 0o600);
}

/** Throws TB1003 for a missing file, TB1604 for a key that others can read, TB132x for bad content. */
export async function readIdentity(folder: string, privateKey?: Uint8Array): Promise<TlsMaterial> {
  const chain = readPem(join(folder, identityFiles.chain), 'CERTIFICATE');
  const roots = readPem(join(folder, identityFiles.root), 'CERTIFICATE');
  const key = privateKey ?? readKey(join(folder, identityFiles.key));
  const issuers = join(folder, identityFiles.issuers);
  const known = existsSync(issuers) ? readPem(issuers, 'CERTIFICATE') : [];
  const authorities = [...chain.slice(1), ...known, ...roots];
  const lists = await Promise.all(
    readPem(join(folder, identityFiles.lists), 'X509 CRL').map((der) => readRevocationList(der, authorities)),
  );
  return { chain, roots, privateKey: key, lists };
}

/** The leaf alone, DER. */
export function readLeaf(folder: string): Buffer {
  const [leaf] = readPem(join(folder, identityFiles.chain), 'CERTIFICATE');
  if (!leaf) throw fault('TB1003', { path: join(folder, identityFiles.chain) });
  return leaf;
}

export function readRoot(folder: string): Buffer {
  const [root] = readPem(join(folder, identityFiles.root), 'CERTIFICATE');
  if (!root) throw fault('TB1003', { path: join(folder, identityFiles.root) });
  return root;
}

/** PKCS#8 DER. Throws TB1003, TB1604. */
export function readKey(path: string): Buffer {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw fault('TB1003', { path });
  if ((stat.mode & 0o077) !== 0) throw fault('TB1604', { path });
  const [key] = readPem(path, 'PRIVATE KEY');
  if (!key) throw fault('TB1003', { path });
  return key;
}

/** Every block of that label, DER. Throws TB1003. */
export function readPem(path: string, label: PemLabel): Buffer[] {
  let text: Buffer;
  try {
    text = readFileSync(path);
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
  const found = pemBlocks(label, text);
  if (label === 'PRIVATE KEY') wipe(text);
  return found;
}
