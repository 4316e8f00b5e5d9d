import { wipe } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { FileSystem } from './file-system.ts';
import { JournalKey } from './journal-key.ts';
import { sealError } from './seal-error.ts';
import { readSecretFile, replaceSecretFile } from './secret-file.ts';

/** The journal key from its file, 32 raw bytes; undefined when there is none. */
export function readJournalKey(files: FileSystem, path: string, name: string): JournalKey | undefined {
  const seed = readSecretFile(files, path, 32);
  if (seed === undefined) return undefined;
  if (seed.length !== 32) throw fault(sealError.stateDamaged, { path, reason: 'size' });
  const key = new JournalKey(name, seed);
  wipe(seed);
  return key;
}

export function createJournalKey(files: FileSystem, path: string, name: string, random: Random): JournalKey {
  const seed = random.bytes(32);
  replaceSecretFile(files, path, seed);
  const key = new JournalKey(name, seed);
  wipe(seed);
  return key;
}
