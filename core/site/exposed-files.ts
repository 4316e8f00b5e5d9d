import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fault } from '../base/errors.ts';

/** Why somebody else could read or change what the site alone may. */
export type Exposure = 'readable' | 'writable' | 'foreign-owner' | 'link';

export interface ExposedPath {
  /** Inside the folder that was looked through; '.' for the folder itself. */
  readonly path: string;
  readonly exposure: Exposure;
  /** `0644` */
  readonly mode: string;
}

/**
 * Files in which keys, shares, tokens or records are, by their path in the data folder. Everything in `seal/`
 * is one; a certificate, a revocation list, the configuration and the run file are none.
 */
const secretFiles = [
  /^seal\//,
  /(^|\/)[^/]*key\.pem$/,
  /\.(key|age|p8|p12|pfx|share)$/,
  /\.db(-wal|-shm|-journal)?$/,
  /(^|\/)(token|passphrase)[^/]*$/,
  /^(spool|ledger|records)\//,
] as const;

const readableByOthers = 0o044;
const writableByOthers = 0o022;
const anyOfOthers = 0o077;
const shownMax = 20;

/**
 * Everything in a data folder that is open to others: secret files that the group or the world may read, any
 * file that they may change, folders with secrets that they may enter, what belongs to another user, and
 * links, which lead to where nothing was looked at. The folder itself may be reached through a link.
 */
export function exposedPaths(folder: string, uid = process.geteuid?.()): ExposedPath[] {
  // Without numbers of users there are no such rights either (Windows).
  if (uid === undefined) return [];
  const found: ExposedPath[] = [];
  const look = (path: string, stat: Stats): boolean => {
    const name = relative(folder, path) || '.';
    const add = (exposure: Exposure) =>
      found.push({ path: name, exposure, mode: (stat.mode & 0o7777).toString(8).padStart(4, '0') });
    if (stat.uid !== uid) add('foreign-owner');
    if (stat.isSymbolicLink()) {
      add('link');
      return true;
    }
    if (!stat.isDirectory()) {
      const secret = isSecret(name.replaceAll('\\', '/'));
      if (stat.mode & writableByOthers) add('writable');
      else if (secret && stat.mode & readableByOthers) add('readable');
      return secret;
    }
    const inside = readdirSync(path).map((entry) => {
      const below = lstatSync(join(path, entry), { throwIfNoEntry: false });
      return below !== undefined && look(join(path, entry), below); // a command may have removed it meanwhile
    });
    const secret = name === '.' || name === 'seal' || inside.some(Boolean);
    if (stat.mode & writableByOthers) add('writable');
    else if (secret && stat.mode & anyOfOthers) add('readable');
    return secret;
  };
  look(folder, statSync(folder));
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Throws TB1930, which names all of them (the first 20 where there are more). */
export function refuseExposedPaths(folder: string): void {
  const found = exposedPaths(folder);
  if (found.length === 0) return;
  const shown = found.slice(0, shownMax).map(({ path, exposure, mode }) => `${path} (${mode}, ${exposure})`);
  if (found.length > shownMax) shown.push('…');
  throw fault('TB1930', { path: folder, count: found.length, list: shown.join(', ') });
}

function isSecret(name: string): boolean {
  return secretFiles.some((pattern) => pattern.test(name));
}
