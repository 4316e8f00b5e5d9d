import { existsSync } from 'node:fs';
import { ActList } from '../../core/site/audit/act-list.ts';
import { type KnownSite, knownSiteOf } from '../../core/site/directory.ts';
import { Database } from '../../core/store/database.ts';

/** Sites that a province below has admitted, from the records of its registry. */
export class SiteReader {
  readonly #folder: string;
  readonly #key: Uint8Array;
  readonly #databases = new Map<string, Database>();
  readonly #known = new Map<string, KnownSite>();

  constructor(folder: string, key: Uint8Array) {
    this.#folder = folder;
    this.#key = key;
  }

  find(province: string, site: string): KnownSite | undefined {
    const known = this.#known.get(site);
    if (known) return known;
    const found = this.#read(province, site);
    if (found) this.#known.set(site, found);
    return found;
  }

  /** The records of an origin have changed. */
  changed(origin: string): void {
    for (const site of this.#known.keys()) {
      if (site.slice(0, 2) === origin.slice(0, 2)) this.#known.delete(site);
    }
  }

  /** Acts of an origin whose audit log is received here. */
  acts(origin: string): ActList | undefined {
    const database = this.#database(origin);
    return database && new ActList(database);
  }

  close(): void {
    for (const database of this.#databases.values()) database.close();
  }

  #read(province: string, site: string): KnownSite | undefined {
    const database = this.#database(province);
    const made = database
      ?.prepare<{ n: number }>("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'site'")
      .get();
    if (!database || made?.n !== 1) return undefined;
    const row = database.prepare<Record<string, string>>('SELECT * FROM site WHERE site_code = ?').get(site);
    return row && knownSiteOf(row);
  }

  #database(province: string): Database | undefined {
    const open = this.#databases.get(province);
    if (open) return open;
    const path = `${this.#folder}/${province}.db`;
    if (!existsSync(path)) return undefined;
    const database = Database.open({ path, key: this.#key, mode: 'read', durability: 'derived' });
    this.#databases.set(province, database);
    return database;
  }
}
