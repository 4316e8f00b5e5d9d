import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeGb18030 } from './gb18030.ts';

/** Bytes that would give a canary away, and in which form. */
interface Pattern {
  readonly form: string;
  readonly bytes: Buffer;
}

/** Looks for texts in every form in which a program may write them, in any bytes. */
export class CanaryScan {
  readonly #patterns: readonly Pattern[];

  constructor(canaries: readonly string[]) {
    this.#patterns = canaries.flatMap(formsOf);
  }

  /** The forms found, as `form of what`. */
  find(content: Buffer): string[] {
    return this.#patterns.filter(({ bytes }) => content.includes(bytes)).map(({ form }) => form);
  }

  /** Every regular file below a folder, but those exempted by their full path. */
  findInFolder(
    folder: string,
    exempt: ReadonlySet<string> = new Set(),
  ): { found: string[]; files: string[] } {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !exempt.has(path));
    const found = files.flatMap((path) => this.find(readFileSync(path)).map((form) => `${path}: ${form}`));
    const named = entries.flatMap(({ name }) =>
      this.find(Buffer.from(name)).map((form) => `a file's name: ${form}`),
    );
    return { found: [...found, ...named], files };
  }
}

/** The same text as bytes, in each encoding, and each of these written out in hex and base64. */
function formsOf(text: string): Pattern[] {
  const utf16 = Buffer.from(text, 'utf16le');
  const encodings: readonly (readonly [string, Buffer])[] = [
    ['UTF-8', Buffer.from(text)],
    ['UTF-16LE', utf16],
    ['UTF-16BE', Buffer.from(utf16).swap16()],
    ['GB18030', encodeGb18030(text)],
  ];
  const patterns = encodings.flatMap(([name, bytes]) => [
    { form: `${name} of ${text}`, bytes },
    { form: `lower-case hex of ${name} of ${text}`, bytes: Buffer.from(bytes.toString('hex')) },
    { form: `upper-case hex of ${name} of ${text}`, bytes: Buffer.from(bytes.toString('hex').toUpperCase()) },
    ...[0, 1, 2].flatMap((shift) =>
      base64At(bytes, shift).map((part) => ({
        form: `base64 at ${shift} of ${name} of ${text}`,
        bytes: Buffer.from(part),
      })),
    ),
  ]);
  const escaped = [...text]
    .map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
  return [...patterns, { form: `JSON escapes of ${text}`, bytes: Buffer.from(escaped) }];
}

/** The characters of base64, in either alphabet, that depend on these bytes alone. */
function base64At(bytes: Buffer, shift: number): string[] {
  const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
  const from = Math.ceil((shift * 8) / 6);
  const to = Math.floor((padded.length * 8) / 6);
  return [
    ...new Set([padded.toString('base64').slice(from, to), padded.toString('base64url').slice(from, to)]),
  ];
}
