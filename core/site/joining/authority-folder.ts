import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Authority, createIssuing, createRoot, type Generation } from '../../../certs/authority.ts';
import { issueRevocationList, readRevocationList, rootListLifeMs } from '../../../certs/revocation-list.ts';
import type { Issuance } from '../../../certs/sign-certificate.ts';
import { wipe } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import { pem } from '../../base/pem.ts';
import { decryptSecret, encryptSecret } from '../../seal/secret-age-file.ts';
import type { ShareKey, ShareLock } from '../../seal/share-lock.ts';
import { replaceFile } from '../trust/replace-file.ts';

const names = {
  root: 'root.pem',
  issuing: 'issuing.pem',
  rootList: 'root.crl.pem',
  rootKey: 'root.key.age',
  issuingKey: 'issuing.key.age',
} as const;

/** What a hub takes over from the folder: the root stays off line. */
export interface AuthorityParts {
  readonly root: Uint8Array;
  readonly rootList: Uint8Array;
  readonly issuing: Authority;
}

/**
 * Makes a province's (or the nation's) authority: a root that stays off line and an issuing authority for the
 * hub's ring. Both keys leave the process encrypted. Throws TB1609 for a folder that holds one already.
 */
export async function createAuthorityFolder(
  folder: string,
  generation: Generation,
  lock: ShareLock,
  issuance: Issuance,
): Promise<void> {
  if (existsSync(join(folder, names.root))) throw fault('TB1609', { path: folder });
  const root = await createRoot(generation, issuance);
  const issuing = await createIssuing(root, generation, issuance);
  const content = { number: 1, revoked: [], nowMs: issuance.clock.nowMs(), lifeMs: rootListLifeMs };
  const rootList = await issueRevocationList(root, content);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string | Uint8Array, mode: number) =>
    writeFileSync(join(folder, name), text, { mode, flag: 'wx' });
  write(names.rootKey, await encryptSecret(root.privateKey, lock), 0o600);
  write(names.issuingKey, await encryptSecret(issuing.privateKey, lock), 0o600);
  write(names.issuing, pem('CERTIFICATE', issuing.certificate), 0o644);
  write(names.rootList, pem('X509 CRL', rootList), 0o644);
  write(names.root, pem('CERTIFICATE', root.certificate), 0o644);
  wipe(root.privateKey, issuing.privateKey);
}

/** Throws TB1003 for a missing file, TB1224 for the wrong key. The caller wipes the issuing key. */
export async function readAuthorityFolder(folder: string, key: ShareKey): Promise<AuthorityParts> {
  const { root, rootList, issuing } = readAuthorityPublic(folder);
  const privateKey = await decryptSecret(read(folder, names.issuingKey), key);
  return { root, rootList, issuing: { certificate: issuing, privateKey } };
}

/** What needs no key, DER. Throws TB1003. */
export function readAuthorityPublic(folder: string): {
  readonly root: Buffer;
  readonly rootList: Buffer;
  readonly issuing: Buffer;
} {
  const der = (name: string) =>
    Buffer.from(read(folder, name).replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  return { root: der(names.root), rootList: der(names.rootList), issuing: der(names.issuing) };
}

/** Signs the root's next list, for another year, and replaces the file. Throws TB1003, TB1224, TB1324. */
export async function reissueRootList(
  folder: string,
  key: ShareKey,
  { clock }: Pick<Issuance, 'clock'>,
): Promise<{ readonly path: string; readonly number: number; readonly nextUpdateMs: number }> {
  const { root, rootList } = readAuthorityPublic(folder);
  const before = await readRevocationList(rootList, [root]);
  const privateKey = await decryptSecret(read(folder, names.rootKey), key);
  try {
    const { number, revoked } = { ...before, number: before.number + 1 };
    const content = { number, revoked, nowMs: clock.nowMs(), lifeMs: rootListLifeMs };
    const next = await issueRevocationList({ certificate: root, privateKey }, content);
    const path = join(folder, names.rootList);
    replaceFile(path, pem('X509 CRL', next));
    return { path, number, nextUpdateMs: content.nowMs + rootListLifeMs };
  } finally {
    wipe(privateKey);
  }
}

function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'latin1');
  } catch (error) {
    throw fault('TB1003', { path: join(folder, name) }, error);
  }
}
