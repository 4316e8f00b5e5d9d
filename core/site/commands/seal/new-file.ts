import { writeFileSync } from 'node:fs';
import { fault } from '../../../base/errors.ts';

/** A file for its owner alone that was not there before. Throws TB1255, TB1003. */
export function writeNewFile(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw fault(exists ? 'TB1255' : 'TB1003', { path }, error);
  }
}
