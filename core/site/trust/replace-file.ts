import { dirname } from 'node:path';
import { fault } from '../../base/errors.ts';
import { type FileSystem, nodeFiles } from '../../seal/file-system.ts';
import { closing, syncFolder, writeWhole } from '../../seal/secret-file.ts';

/**
 * Replaces a file whole and durably: write beside it, fsync, rename, fsync the folder. Whatever fails, a
 * reader finds the old content or the new. Throws TB1397.
 */
export function replaceFile(path: string, bytes: Uint8Array, files: FileSystem = nodeFiles): void {
  const temporary = `${path}.new`;
  try {
    const file = files.openSync(temporary, 'w', 0o600);
    closing(files, file, () => {
      writeWhole(files, file, bytes, 0);
      files.fsyncSync(file);
    });
    files.renameSync(temporary, path);
    syncFolder(files, dirname(path));
  } catch (error) {
    throw fault('TB1397', { path }, error);
  }
}
