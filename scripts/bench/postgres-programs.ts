import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Where the programs of a PostgreSQL server are, and as whom they can run. */
export interface PostgresPrograms {
  readonly folder: string;
  /** `15.18` */
  readonly version: string;
  /** PostgreSQL refuses to run as root: another user, where we are root. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

const wanted = ['initdb', 'pg_ctl', 'postgres', 'psql'] as const;

/** The newest PostgreSQL of this machine, or why there is none. */
export function findPostgres(): PostgresPrograms | { readonly missing: string } {
  const folder = [...debianFolders(), ...pathFolders()].find((place) =>
    wanted.every((name) => existsSync(join(place, name))),
  );
  if (folder === undefined) return { missing: `no PostgreSQL server on this machine (${wanted.join(', ')})` };
  const printed = execFileSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' });
  const version = /\d+(\.\d+)*/.exec(printed)?.[0] ?? 'unknown';
  if (process.getuid?.() !== 0) return { folder, version, user: undefined };
  const user = userOf('postgres') ?? userOf('nobody');
  return user
    ? { folder, version, user }
    : { missing: 'we are root, and there is no user postgres to run it as' };
}

function debianFolders(): string[] {
  const base = '/usr/lib/postgresql';
  if (!existsSync(base)) return [];
  return readdirSync(base)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(base, version, 'bin'));
}

function pathFolders(): string[] {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((place) => join(place, 'postgres'))
    .filter((file) => existsSync(file))
    .map((file) => dirname(realpathSync(file)));
}

function userOf(name: string): { readonly uid: number; readonly gid: number } | undefined {
  const id = (option: string): number => {
    const { status, stdout } = spawnSync('id', [option, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : Number.NaN;
  };
  const [uid, gid] = [id('-u'), id('-g')];
  return Number.isInteger(uid) && Number.isInteger(gid) ? { uid, gid } : undefined;
}
