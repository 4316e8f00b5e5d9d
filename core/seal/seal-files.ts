import { join } from 'node:path';

interface SealFiles {
  readonly state: string;
  readonly journalKey: string;
  readonly journal: string;
  /** Folder of the share files that wait for their holders, each encrypted to the holder. */
  readonly pending: string;
}

/** The files of a site's seal folder; the first two are secret, all are mode 0600. */
export function sealFiles(folder: string): SealFiles {
  return {
    state: join(folder, 'seal.state'),
    journalKey: join(folder, 'journal.key'),
    journal: join(folder, 'journal'),
    pending: join(folder, 'pending'),
  };
}
