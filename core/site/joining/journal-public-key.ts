import { mkdirSync } from 'node:fs';
import type { Random } from '../../base/random.ts';
import { nodeFiles } from '../../seal/file-system.ts';
import { createJournalKey, readJournalKey } from '../../seal/journal-key-file.ts';
import { sealFiles } from '../../seal/seal-files.ts';

/**
 * The public key of the seal's journal, made now when there is none: enrolment tells it before the seal is.
 */
export function journalPublicKey(folder: string, name: string, random: Random): Uint8Array {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = sealFiles(folder).journalKey;
  const key = readJournalKey(nodeFiles, path, name) ?? createJournalKey(nodeFiles, path, name, random);
  return key.publicKey;
}
