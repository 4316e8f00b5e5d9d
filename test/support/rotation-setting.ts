import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '../../core/base/logger.ts';
import { seededRandom } from '../../core/base/random.ts';
import type { FileSystem } from '../../core/seal/file-system.ts';
import type { Seal } from '../../core/seal/seal.ts';
import { databaseFiles } from '../../core/site/databases/database-files.ts';
import { databaseKey } from '../../core/site/databases/database-key.ts';
import { KeyRotation } from '../../core/site/databases/key-rotation.ts';
import { siteFolder } from '../../core/site/site-folder.ts';
import { contentDigest } from '../../core/store/content-digest.ts';
import { Database } from '../../core/store/database.ts';
import { officers, type Site, sealedSite } from '../core/seal/setting.ts';

const allNames = ['hub', 'ledger/430121', 'ledger/430105', 'records/430121'];
let seed = 0;

/** A hub's data folder with a few files and its seal: what a rotation of keys works on. */
export class RotationSetting {
  readonly folder: ReturnType<typeof siteFolder>;
  readonly #site: Site;
  #seal: Seal;

  private constructor(site: Site) {
    this.#site = site;
    this.#seal = site.seal;
    this.folder = siteFolder(join(site.folder, 'data'));
    for (const path of [this.folder.ledger, this.folder.records]) mkdirSync(path, { recursive: true });
  }

  static async make(rows = 20, names: readonly string[] = allNames): Promise<RotationSetting> {
    const made = new RotationSetting(await sealedSite());
    made.unseal();
    const key = databaseKey(made.#seal.ring());
    for (const name of names) {
      const path = join(made.folder.folder, `${name}.db`);
      const database = Database.open({ path, key, mode: 'create', durability: 'full' });
      database.execute('CREATE TABLE entry (id INTEGER PRIMARY KEY, text TEXT) STRICT');
      database.transaction(() => {
        const insert = database.prepare('INSERT INTO entry (text) VALUES (?)');
        for (let i = 0; i < rows; i += 1) insert.run(`${name} ${i}`);
      });
      database.close();
    }
    return made;
  }

  get seal(): Seal {
    return this.#seal;
  }

  get shares(): readonly string[] {
    return this.#site.texts;
  }

  /** The next start of the process: what is in memory is gone, the officers come again. */
  restart(files?: FileSystem): void {
    this.#seal.close();
    this.#seal = this.#site.reopen(files ? { files } : {});
    this.unseal();
  }

  unseal(): void {
    for (const [i, text] of this.#site.texts.slice(0, 2).entries()) {
      this.#seal.enterShare(officers[i] ?? '', text);
    }
  }

  rotation(): KeyRotation {
    seed += 1;
    return new KeyRotation({
      folder: this.folder,
      keys: { ring: () => this.#seal.ring(), replace: (change) => this.#seal.replaceRing(change) },
      clock: this.#site.clock,
      random: seededRandom(seed),
      logger: silentLogger,
    });
  }

  /**
   * What each file holds, opened with the keys of the ring or with another. Throws when one does not open.
   */
  contents(key = databaseKey(this.#seal.ring())): Record<string, string> {
    const found = databaseFiles(this.folder).map(({ name, path }) => {
      const database = Database.open({ path, key, mode: 'open', durability: 'full' });
      const { digest } = contentDigest(database);
      database.close();
      return [name, digest] as const;
    });
    return Object.fromEntries(found);
  }

  /** Epoch and state of each database key. */
  keys(): string[] {
    return this.#seal
      .ring()
      .list()
      .filter(({ purpose }) => purpose === 'db')
      .map(({ epoch, state }) => `${epoch} ${state}`);
  }
}
