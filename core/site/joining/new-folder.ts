import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { fault } from '../../base/errors.ts';
import { type SiteFolder, siteFolder } from '../site-folder.ts';

/**
 * A data folder in the making: everything is written beside it and appears with one rename, so a crash in the
 * middle leaves only a folder with `.init` in its name, which the next `init` removes.
 */
export class NewFolder {
  readonly paths: SiteFolder;
  readonly #target: string;
  readonly #making: string;

  /** Throws TB1609 when the folder holds anything. */
  constructor(folder: string) {
    if (existsSync(folder) && readdirSync(folder).length > 0) throw fault('TB1609', { path: folder });
    this.#target = folder;
    this.#making = `${folder}.init`;
    rmSync(this.#making, { recursive: true, force: true });
    mkdirSync(this.#making, { recursive: true, mode: 0o700 });
    this.paths = siteFolder(this.#making);
  }

  commit(): void {
    rmSync(this.#target, { recursive: true, force: true });
    renameSync(this.#making, this.#target);
  }

  abandon(): void {
    rmSync(this.#making, { recursive: true, force: true });
  }
}
