import { dirname, join } from 'node:path';
import { fault } from '../base/errors.ts';
import type { FileSystem } from './file-system.ts';
import { sealLimits } from './limits.ts';
import { sealError } from './seal-error.ts';
import { readSecretFile, replaceSecretFile, syncFolder } from './secret-file.ts';

const nameForm = /^([0-9a-f]{32})-([a-z0-9-]{1,32})\.share\.age(\.new)?$/;

/** The share files of a new set until their holders have taken them; each is encrypted to its holder. */
export class PendingShareFiles {
  readonly #folder: string;
  readonly #files: FileSystem;

  constructor(folder: string, files: FileSystem) {
    this.#folder = folder;
    this.#files = files;
  }

  /** Durable when it returns: only then may the set be written for which the files are. Throws TB1227. */
  write(setId: string, content: ReadonlyMap<string, string>): void {
    try {
      this.#files.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      syncFolder(this.#files, dirname(this.#folder));
      for (const [officer, file] of content) {
        replaceSecretFile(this.#files, this.#path(setId, officer), Buffer.from(file));
      }
    } catch (error) {
      // whatever the disk has of them now, no state speaks of this set
      throw fault(sealError.stateNotWritten, { path: this.#folder }, error);
    }
  }

  /** ASCII armour; undefined when there is none. Throws TB1223 when others could read it. */
  read(setId: string, officer: string): string | undefined {
    const bytes = readSecretFile(this.#files, this.#path(setId, officer), sealLimits.shareFileBytesMax);
    return bytes?.toString('latin1');
  }

  /** Removes all others, as far as the disk lets it. */
  keepOnly(needed: (setId: string, officer: string) => boolean): void {
    for (const name of this.#names()) {
      const [, setId = '', officer = '', unfinished] = nameForm.exec(name) ?? [];
      if (setId === '' || (unfinished === undefined && needed(setId, officer))) continue;
      try {
        this.#files.unlinkSync(join(this.#folder, name));
      } catch {
        // it opens nothing by itself, and the next start tries again
      }
    }
  }

  #names(): readonly string[] {
    try {
      return this.#files.readdirSync(this.#folder);
    } catch {
      return []; // most sites have no such folder
    }
  }

  #path(setId: string, officer: string): string {
    return join(this.#folder, `${setId}-${officer}.share.age`);
  }
}
