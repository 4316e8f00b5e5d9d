import { posix } from 'node:path';
import { importsOf } from './scan.ts';
import { isProduct, isScript, type Source } from './sources.ts';

/** Written in pieces, so that this file does not find itself. */
const machinePaths = [
  '/ho' + 'me/[a-z]',
  '/Us' + 'ers/[A-Za-z]',
  '/wo' + 'rk/[a-z]',
  '/ro' + 'ot/',
  'C:' + '\\\\\\\\[A-Z]',
];
const machinePath = new RegExp(`(?<![\\w.}*])(${machinePaths.join('|')})`);
const privateKey = new RegExp(
  `-----BEGIN [A-Z ]*PRIVATE ${'KEY'}-----\\s+[A-Za-z0-9+/=]{40}|AGE-SECRET-${'KEY'}-1[0-9A-Z]{50}`,
);

export function machinePathViolations({ path, text }: Source): string[] {
  const found = machinePath.exec(text);
  return found ? [`${path} names a path of one machine: ${found[0]}…`] : [];
}

export function keyViolations({ path, text }: Source): string[] {
  return privateKey.test(text) ? [`${path} holds a private key`] : [];
}

export function isKeyFile(path: string): boolean {
  return /\.(key|p12|pfx|p8|age|jks)$|(^|\/)id_(rsa|ed25519)$/.test(path);
}

/** Numbers that may be those of a living person: fixtures use the area 99, which is never assigned. */
export function identityViolations({ path, text }: Source): string[] {
  const dated =
    /(?<![\dA-Fa-f])[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Fa-f])/g;
  const found = [...text.matchAll(dated)].filter(([number]) => hasCheckDigit(number));
  return found.length > 0 ? [`${path} holds ${found.length} identity number(s) outside the area 99`] : [];
}

/** ISO 7064 MOD 11-2. */
function hasCheckDigit(number: string): boolean {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(number[i]), 0);
  return '10X98765432'[sum % 11] === number[17]?.toUpperCase();
}

/** Product files that nothing leads to: from the way in, a script, or a worker's file name in a string. */
export function deadFiles(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.filter(({ path }) => isScript(path)).map((source) => [source.path, source]));
  const alive = new Set<string>();
  const waiting = [...byPath.keys()].filter((path) => /^(bin|scripts)\//.test(path));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const source = byPath.get(path);
    if (!source || alive.has(path)) continue;
    alive.add(path);
    waiting.push(...targetsOf(source));
  }
  return [...byPath.keys()].filter((path) => isProduct(path) && !alive.has(path));
}

function targetsOf({ path, text }: Source): string[] {
  const named = [...text.matchAll(/['"`](\.{1,2}\/[\w./-]+\.ts)['"`]/g)].map((match) => match[1] ?? '');
  const imported = importsOf(text).map(({ specifier }) => specifier);
  return [...named, ...imported]
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier));
}
