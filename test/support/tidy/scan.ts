/** What to blank out, so that a search finds code only. Offsets and line breaks stay. */
export interface ScanOptions {
  readonly strings: boolean;
}

/**
 * A scanner for comments, strings, templates and regular expressions; no parser. A slash begins a regular
 * expression where an operand is expected, which the character before it tells well enough for our style.
 */
export function withoutComments(text: string, options: ScanOptions = { strings: false }): string {
  let result = '';
  let i = 0;
  let lastSolid = '';
  const templates: number[] = [];
  let braces = 0;
  const take = (end: number, blank: boolean): void => {
    const part = text.slice(i, end);
    result += blank ? part.replaceAll(/[^\n]/g, ' ') : part;
    i = end;
  };
  while (i < text.length) {
    const character = text[i] ?? '';
    const two = text.slice(i, i + 2);
    if (two === '//') {
      const end = text.indexOf('\n', i);
      take(end < 0 ? text.length : end, true);
    } else if (two === '/*') {
      take(text.indexOf('*/', i) + 2, true);
    } else if (character === "'" || character === '"') {
      take(endOfQuoted(text, i + 1, character), options.strings);
      lastSolid = "'";
    } else if (character === '`' || (character === '}' && templates.at(-1) === braces)) {
      if (character === '}') templates.pop();
      const end = endOfTemplate(text, i + 1);
      if (text[end - 1] === '{') templates.push(braces);
      take(end, options.strings);
      lastSolid = "'";
    } else if (character === '/' && /[=(,:;!&|?{}[+\-*%<>~^\n]/.test(lastSolid || '\n')) {
      take(endOfRegExp(text, i + 1), options.strings);
      lastSolid = "'";
    } else {
      if (character === '{') braces += 1;
      if (character === '}') braces -= 1;
      if (!/\s/.test(character)) lastSolid = character;
      take(i + 1, false);
    }
  }
  return result;
}

function endOfQuoted(text: string, from: number, quote: string): number {
  let i = from;
  while (i < text.length && text[i] !== quote && text[i] !== '\n') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

/** Behind the closing backtick, or behind the `${` of a substitution. */
function endOfTemplate(text: string, from: number): number {
  let i = from;
  while (i < text.length && text[i] !== '`') {
    if (text.startsWith('${', i)) return i + 2;
    i += text[i] === '\\' ? 2 : 1;
  }
  return i + 1;
}

function endOfRegExp(text: string, from: number): number {
  let i = from;
  let inClass = false;
  while (i < text.length && text[i] !== '\n' && (inClass || text[i] !== '/')) {
    if (text[i] === '[') inClass = true;
    if (text[i] === ']') inClass = false;
    i += text[i] === '\\' ? 2 : 1;
  }
  return i + 1;
}

/** Where every function body begins and ends, as line numbers from 1. */
export function functionBodies(text: string): { readonly line: number; readonly lines: number }[] {
  const code = withoutComments(text, { strings: true });
  const open: { readonly line: number; readonly isFunction: boolean }[] = [];
  const bodies: { line: number; lines: number }[] = [];
  let line = 1;
  for (let i = 0; i < code.length; i += 1) {
    if (code[i] === '\n') line += 1;
    if (code[i] === '{') {
      // Loops and conditions match as well; one that is too long makes its function too long anyway.
      const isFunction = /(\)\s*(:[^;={}()]*)?|=>)\s*$/.test(code.slice(Math.max(0, i - 200), i));
      open.push({ line, isFunction });
    }
    if (code[i] === '}') {
      const begun = open.pop();
      if (begun?.isFunction) bodies.push({ line: begun.line, lines: line - begun.line + 1 });
    }
  }
  return bodies;
}

/** Specifiers of all imports, static, dynamic, re-exporting. */
export function importsOf(text: string): { readonly specifier: string; readonly typeOnly: boolean }[] {
  const code = withoutComments(text);
  const pattern =
    /^\s*(?:import|export)\s+(type\s+)?[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...code.matchAll(pattern)].map((match) => ({
    specifier: match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}
