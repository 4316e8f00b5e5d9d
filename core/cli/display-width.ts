import stringWidth from 'string-width';

/** Columns on a terminal: a Chinese character takes two, an escape sequence none. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** Texts of other sites and of files may not move the cursor or colour the reader's terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '?');
}

/** Breaks at blanks and between Chinese characters, never before a closing mark; keeps given line breaks. */
export function wrap(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

/** Marks that may not begin a line. */
const closing =
  '[\\u3001\\u3002\\uff0c\\uff1b\\uff1a\\uff01\\uff1f\\uff09\\u300b\\u300d\\u300f\\u201d\\u2026,.;:!?)]*';
const wide = '\\u2e80-\\u9fff\\uf900-\\ufaff\\uff01-\\uff60';
const chunkPattern = new RegExp(`\\s*(?:[${wide}]${closing}|[^\\s${wide}]+${closing})`, 'g');

function wrapLine(line: string, width: number): string {
  const chunks = line.match(chunkPattern) ?? [];
  const lines: string[] = [];
  let current = '';
  for (const chunk of chunks) {
    if (current !== '' && displayWidth(current + chunk) > width) {
      lines.push(current);
      current = chunk.trimStart();
    } else {
      current += chunk;
    }
  }
  return [...lines, current].join('\n');
}
