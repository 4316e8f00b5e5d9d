import { join } from 'node:path';

/** The files of a site's seal folder; the first two are secret, all are mode 0600. */
export function sealFiles(folder: string): { state: string; journalKey: string; journal: string } {
  return {
    state: join(folder, 'seal.state'),
    journalKey: join(folder, 'journal.key'),
    journal: join(folder, 'journal'),
  };
}
