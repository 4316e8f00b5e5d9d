import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the repository; `path` is relative to its root, with forward slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

export const root = join(import.meta.dirname, '..', '..', '..');

const skipped = new Set(['node_modules', '.git', 'coverage', 'data', 'gen']);

/** Every text file of the tree that is or will be committed. */
export function allFiles(): Source[] {
  return walk('')
    .filter((path) => !/\.(png|jpg|woff2|age|db|tmp)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** The paths alone, binaries included. */
export function allPaths(): string[] {
  return walk('');
}

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : walk(path);
    return entry.isFile() ? [path] : [];
  });
}

/** What runs in production: everything but scripts, tests and the way in. */
export function isProduct(path: string): boolean {
  return /^(core|certs|node|hub|console)\/.*\.ts$/.test(path);
}

export function isScript(path: string): boolean {
  return /\.(ts|mjs)$/.test(path);
}
