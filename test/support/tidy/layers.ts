import { posix } from 'node:path';
import { importsOf } from './scan.ts';
import type { Source } from './sources.ts';

const everyCore = [
  'core/base',
  'core/store',
  'core/log',
  'core/seal',
  'core/link',
  'core/wire',
  'core/follow',
  'core/records',
  'core/intake',
  'core/servers',
  'core/cli',
  'core/site',
] as const;

/** Which folders of ours a folder may import, besides itself. What is not here is forbidden. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  'core/base': [],
  'core/store': ['core/base'],
  'core/log': ['core/base', 'core/store'],
  'core/seal': ['core/base'],
  'core/link': ['core/base', 'core/log'],
  'core/wire': ['core/base', 'core/log', 'core/link'],
  'core/follow': ['core/base', 'core/log', 'core/store'],
  'core/records': ['core/base'],
  'core/intake': ['core/base', 'core/store', 'core/log', 'core/records'],
  'core/cli': ['core/base'],
  'core/servers': ['core/base', 'core/seal'],
  'core/site': [...everyCore, 'certs'],
  certs: ['core/base'],
  node: [...everyCore, 'certs'],
  hub: [...everyCore, 'certs'],
  console: ['core/base'],
};

/** Layers that may be imported as types only. */
const typesOnly: Readonly<Record<string, readonly string[]>> = {
  'core/cli': ['core/wire'],
};

/** The one place of the product that may import a package; an entry ending in / stands for a scope. */
export const packageOwners: Readonly<Record<string, string>> = {
  winston: 'core/base/logger.ts',
  yaml: 'core/base/',
  'better-sqlite3-multiple-ciphers': 'core/store/',
  '@noble/': 'core/seal/',
  '@scure/base': 'core/seal/',
  'age-encryption': 'core/seal/',
  '@grpc/': 'core/wire/',
  protobufjs: 'core/records/',
  'csv-parse': 'core/records/',
  commander: 'core/cli/',
  'cli-progress': 'core/cli/',
  'string-width': 'core/cli/',
  '@peculiar/': 'certs/',
  pkijs: 'certs/',
  asn1js: 'certs/',
  '@napi-rs/keyring': 'core/seal/',
  pg: 'core/servers/',
  'reflect-metadata': 'certs/',
};

/** Why each import that breaks the table is wrong; empty for a file that keeps it. */
export function layerViolations({ path, text }: Source): string[] {
  const layer = layerOf(path);
  return importsOf(text).flatMap(({ specifier, typeOnly }) => {
    const reason = specifier.startsWith('.')
      ? wrongFolder(layer, posix.join(posix.dirname(path), specifier), typeOnly)
      : wrongPackage(path, specifier);
    return reason === undefined ? [] : [`${path} imports ${specifier}: ${reason}`];
  });
}

/** `core/log` of `core/log/tile.ts`, `node` of `node/commands/load.ts`, `test` of `test/tidy.test.ts`. */
export function layerOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'core' ? `core/${second}` : first;
}

function wrongFolder(from: string, target: string, typeOnly: boolean): string | undefined {
  const to = layerOf(target);
  if (to === from || target.endsWith('.json')) return undefined;
  if (to === 'test') return from === 'vitest.config.ts' ? undefined : 'nothing imports test';
  if (['test', 'scripts', 'bin'].includes(from)) return undefined;
  const allowed = layers[from];
  if (!allowed) return `${from} is not in the import table`;
  if (allowed.includes(to) || (typeOnly && typesOnly[from]?.includes(to))) return undefined;
  return `${from} may import ${allowed.join(', ') || 'nothing of ours'}`;
}

function wrongPackage(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  if (/^(test|scripts|bin)\/|^vitest\.config/.test(path)) return undefined;
  const owner = Object.entries(packageOwners).find(([name]) =>
    name.endsWith('/') ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`),
  );
  if (!owner) return 'no folder of the product may import this package';
  return path.startsWith(owner[1]) ? undefined : `only ${owner[1]} may`;
}

/** A way round through layers of the table, if there is one. */
export function cycleIn(table: Readonly<Record<string, readonly string[]>>): string[] | undefined {
  const done = new Set<string>();
  const visit = (layer: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(layer)) return [...trail.slice(trail.indexOf(layer)), layer];
    if (done.has(layer)) return undefined;
    for (const next of table[layer] ?? []) {
      const cycle = next === layer ? undefined : visit(next, [...trail, layer]);
      if (cycle) return cycle;
    }
    done.add(layer);
    return undefined;
  };
  for (const layer of Object.keys(table)) {
    const cycle = visit(layer, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/** The graph that the files really make, folder by folder. */
export function layerGraph(sources: readonly Source[]): Record<string, string[]> {
  const graph: Record<string, string[]> = {};
  for (const { path, text } of sources) {
    const from = layerOf(path);
    graph[from] ??= [];
    for (const { specifier, typeOnly } of importsOf(text)) {
      if (!specifier.startsWith('.') || typeOnly) continue;
      const to = layerOf(posix.join(posix.dirname(path), specifier));
      if (to !== from && !graph[from].includes(to)) graph[from].push(to);
    }
  }
  return graph;
}
