import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../../base/errors.ts';
import type { SiteFolder } from '../site-folder.ts';

/** The only identity of a role in `people/`. Throws TB1616 for none, TB1615 for several. */
export function onlyIdentity(paths: SiteFolder, role: string): string {
  const { people } = paths;
  const found = existsSync(people) ? readdirSync(people) : [];
  // A dot is in no person's name: `….expired-2026-11-22` and `….new` are not whom one acts as.
  const names = found.filter((name) => name.startsWith(`${role}-`) && !name.includes('.'));
  const [name, ...more] = names.sort();
  if (name === undefined) throw fault('TB1616', { path: join(people, `${role}-<name>`) });
  if (more.length > 0) throw fault('TB1615', { path: people, role, names: names.join(', ') });
  return join(people, name);
}

/** Throws TB1616 unless the folder is there. */
export function existingIdentity(folder: string): string {
  if (!existsSync(join(folder, 'cert.pem'))) throw fault('TB1616', { path: folder });
  return folder;
}
