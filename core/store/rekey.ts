import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3-multiple-ciphers';
import { assert } from '../base/assert.ts';
import { fault } from '../base/errors.ts';
import { rawKeys, unlock, withRawKey } from './cipher.ts';
import { type ContentDigest, contentDigest } from './content-digest.ts';
import { Database, translate } from './database.ts';

/** What changes the disk, in this order. */
export const rekeySteps = [
  'clear',
  'settle',
  'create',
  'copy',
  'rekey',
  'reopen',
  'sync',
  'rename',
  'sync-folder',
] as const;

export type RekeyStep = (typeof rekeySteps)[number];

export interface RekeyOrder {
  /** Nobody else has the file open: the folder's lock and a closed site see to that. */
  readonly path: string;
  /** 32 bytes each; the caller goes on owning them. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Does one step; a test fails or ends the process before or after it. */
  readonly perform?: (step: RekeyStep, work: () => void) => void;
}

/** The copy needs as much room as the file, and a little for its journals. */
const spaceFactor = 1.1;

/**
 * Gives a database file another key, by way of a copy: re-keying works on a file in rollback mode alone,
 * and a half re-keyed file would open with no key at all. The old file stays untouched until the copy has
 * been read whole with the new key and compared; then one rename puts it in place. A crash at any step
 * leaves a file that opens with the old or with the new key and holds everything, and perhaps a `.rekey`
 * beside it that the next attempt removes. Throws TB1101, TB1103 to TB1107, TB1910.
 */
export function rekeyFile({ path, from, to, perform = (_step, work) => work() }: RekeyOrder): ContentDigest {
  for (const key of [from, to]) assert(rawKeys(key).length === 1, 'one raw key of 32 bytes');
  const copy = `${path}.rekey`;
  perform('clear', () => removeWithJournals(copy));
  requireSpace(path);
  const before = copyOf(path, from, copy, perform);
  requireNoJournal(path);
  perform('rekey', () => changeKey(copy, from, to));
  const after = reopened(copy, to, perform);
  requireNoJournal(copy);
  if (after.digest !== before.digest) throw fault('TB1910', { path, reason: 'the copy differs' });
  try {
    perform('sync', () => syncPath(copy));
    perform('rename', () => renameSync(copy, path));
    perform('sync-folder', () => syncFolder(dirname(path)));
  } catch (error) {
    // Whichever of the two files the disk has: it is whole, and its key is in the ring.
    throw codeOf(error) === undefined ? error : fault('TB1910', { path, reason: codeOf(error) ?? '' }, error);
  }
  return after;
}

/** Beside an open file whose journal is empty, so that the copy is all of it. */
function copyOf(
  path: string,
  key: Uint8Array,
  copy: string,
  perform: NonNullable<RekeyOrder['perform']>,
): ContentDigest {
  const database = Database.open({ path, key, mode: 'open', durability: 'full' });
  try {
    perform('settle', () => settle(database, path));
    // Made with the rights of the file that it replaces: it is never wider open.
    perform('create', () => closeSync(openSync(copy, 'wx', statSync(path).mode & 0o777)));
    perform('copy', () => {
      database.prepare('VACUUM INTO ?').run(copy);
      chmodSync(copy, statSync(path).mode & 0o777);
    });
    return contentDigest(database);
  } catch (error) {
    throw translate(error, path);
  } finally {
    database.close();
  }
}

/**
 * Everything of the write-ahead log into the file, and no such log any more. That fails with TB1106 while
 * anybody else has the file open.
 */
function settle(database: Database, path: string): void {
  const pragma = (text: string) => database.prepare<Record<string, unknown>>(`PRAGMA ${text}`).get();
  pragma('locking_mode = EXCLUSIVE');
  if (pragma('wal_checkpoint(TRUNCATE)')?.['busy'] !== 0) throw fault('TB1106', { path });
  if (pragma('journal_mode = DELETE')?.['journal_mode'] !== 'delete') throw fault('TB1106', { path });
}

function changeKey(path: string, from: Uint8Array, to: Uint8Array): void {
  const sqlite = new Sqlite(path, { fileMustExist: true });
  try {
    unlock(sqlite, from);
    const mode = sqlite.pragma('journal_mode = DELETE', { simple: true });
    assert(mode === 'delete', 'a file is never given another key in WAL mode');
    withRawKey(to, (raw) => assert(sqlite.rekey(raw) === 0, 'the driver changed the key'));
  } catch (error) {
    throw translate(error, path);
  } finally {
    sqlite.close();
  }
}

/** As the site will open it, read to its end. */
function reopened(path: string, key: Uint8Array, perform: NonNullable<RekeyOrder['perform']>): ContentDigest {
  let found: ContentDigest | undefined;
  perform('reopen', () => {
    const database = Database.open({ path, key, mode: 'open', durability: 'full' });
    try {
      found = contentDigest(database);
    } finally {
      database.close();
    }
  });
  assert(found, 'the step was done');
  return found;
}

/** A journal of one file must never lie beside another: it would be played into it. */
function requireNoJournal(path: string): void {
  for (const suffix of ['-wal', '-journal']) {
    const journal = `${path}${suffix}`;
    if (existsSync(journal) && statSync(journal).size > 0) throw fault('TB1106', { path });
    rmSync(journal, { force: true });
  }
}

function removeWithJournals(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

function requireSpace(path: string): void {
  if (!existsSync(path)) throw fault('TB1101', { path });
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < statSync(path).size * spaceFactor) throw fault('TB1105', { path });
}

function syncPath(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Windows has no such call and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
