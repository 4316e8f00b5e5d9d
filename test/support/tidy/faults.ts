import { withoutComments } from './scan.ts';
import type { Source } from './sources.ts';

/** Names in braces: what a text of the catalogue wants to be filled with. */
export function placeholdersOf(...texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')));
}

export interface Throw {
  readonly path: string;
  readonly code: string;
  /** Names that the call gives; undefined when they are not written at the call. */
  readonly given: ReadonlySet<string> | undefined;
}

/** Every `fault('TB…', {…})` of a file. */
export function throwsOf({ path, text }: Source): Throw[] {
  const code = withoutComments(text);
  return [...code.matchAll(/\bfault\(\s*'(TB\d{4})'/g)].map((match) => {
    const rest = code.slice(match.index + match[0].length);
    return { path, code: match[1] ?? '', given: givenNames(rest) };
  });
}

function givenNames(rest: string): Set<string> | undefined {
  if (/^\s*,?\s*\)/.test(rest)) return new Set();
  const literal = /^\s*,\s*\{/.exec(rest);
  if (!literal) return undefined;
  const inside = rest.slice(literal[0].length, closingBrace(rest, literal[0].length));
  if (inside.includes('...')) return undefined;
  return new Set(membersOf(inside).map((member) => /^\s*['"]?(\w+)/.exec(member)?.[1] ?? ''));
}

/** Members of an object literal: split at commas that are in no bracket and no string. */
function membersOf(inside: string): string[] {
  const members = [''];
  let depth = 0;
  let quote = '';
  for (const character of inside) {
    if (quote === '' && /['"`]/.test(character)) quote = character;
    else if (character === quote) quote = '';
    if (quote === '' && /[([{]/.test(character)) depth += 1;
    if (quote === '' && /[)\]}]/.test(character)) depth -= 1;
    if (quote === '' && depth === 0 && character === ',') members.push('');
    else members[members.length - 1] += character;
  }
  return members.filter((member) => member.trim() !== '');
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  let i = from;
  for (; i < text.length && depth > 0; i += 1) {
    if (text[i] === '{') depth += 1;
    if (text[i] === '}') depth -= 1;
  }
  return i - 1;
}
