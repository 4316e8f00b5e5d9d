import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SiteFolder } from '../site-folder.ts';

/** One encrypted file of a site, as people name it: `site`, `hub`, `ledger/430121`, `records/430121`. */
export interface DatabaseFile {
  readonly name: string;
  readonly path: string;
}

/**
 * Every database file of the data folder, also one that somebody put aside: a key goes only with all of
 * them.
 */
export function databaseFiles({ node, hub, ledger, records }: SiteFolder): DatabaseFile[] {
  const single = [node, hub].map((path) => ({ name: basename(path, '.db'), path }));
  const many = [ledger, records].flatMap((folder) =>
    (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => /^[\w.-]{1,60}\.db$/.test(name))
      .sort()
      .map((name) => ({ name: `${basename(folder)}/${basename(name, '.db')}`, path: join(folder, name) })),
  );
  // A file of no bytes is as good as missing; it gets its key when it is made.
  return [...single, ...many].filter(({ path }) => existsSync(path) && statSync(path).size > 0);
}
