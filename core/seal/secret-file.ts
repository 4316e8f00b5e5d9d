import { dirname } from 'node:path';
import { Fault, fault } from '../base/errors.ts';
import type { FileSystem } from './file-system.ts';
import { sealError } from './seal-error.ts';

/** Reads a file that nobody else may read; undefined when it does not exist. Throws TB1223, TB1217. */
export function readSecretFile(files: FileSystem, path: string, bytesMax: number): Buffer | undefined {
  try {
    const { mode, size } = files.statSync(path);
    const open = mode & 0o077;
    if (open !== 0 && process.platform !== 'win32') {
      throw fault(sealError.secretFileReadable, { path, mode: (mode & 0o777).toString(8) });
    }
    if (size > bytesMax) throw fault(sealError.stateDamaged, { path, reason: 'size' });
    return files.readFileSync(path);
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fault('TB1003', { path }, error);
  }
}

/**
 * Replaces a file whole: write beside it, fsync, rename, fsync the folder. A failure before the rename leaves
 * the old file (TB1227); from the rename on nobody knows which of the two the disk has (TB1228, I10).
 */
export function replaceSecretFile(files: FileSystem, path: string, bytes: Uint8Array): void {
  const temporary = `${path}.new`;
  try {
    const file = files.openSync(temporary, 'w', 0o600);
    closing(files, file, () => {
      writeWhole(files, file, bytes, 0);
      files.fsyncSync(file);
    });
  } catch (error) {
    throw fault(sealError.stateNotWritten, { path }, error);
  }
  try {
    files.renameSync(temporary, path);
    syncFolder(files, dirname(path));
  } catch (error) {
    throw fault(sealError.durabilityUnknown, { path }, error);
  }
}

/** Makes names in a folder durable; Windows has no such call and needs none. */
export function syncFolder(files: FileSystem, folder: string): void {
  if (process.platform === 'win32') return;
  const handle = files.openSync(folder, 'r');
  closing(files, handle, () => files.fsyncSync(handle));
}

export function writeWhole(files: FileSystem, file: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += files.writeSync(file, bytes, written, bytes.length - written, position + written);
  }
}

/** Closes also when `work` fails, and then reports that failure rather than one of closing. */
export function closing(files: FileSystem, file: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    try {
      files.closeSync(file);
    } catch {
      // the first failure is the one that counts
    }
    throw error;
  }
  files.closeSync(file);
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
