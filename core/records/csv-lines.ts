import { recordLimits } from './record-limits.ts';

export interface CsvRecord {
  readonly cells: readonly string[];
  /** A quote was opened and not closed; `cells` is the one line as it stands. */
  readonly broken: boolean;
}

/**
 * Records of a CSV text: comma, double quotes, LF or CRLF, quoted cells of several lines; those of one chunk
 * at a time, because a step of an async iterator for each row costs more than the row. A quote that is never
 * closed costs its own line only, and the lines after it are read again; csv-parse takes the rest of the file
 * for one cell there. The tests compare the two on what both accept.
 */
export async function* readCsv(text: AsyncIterable<string>): AsyncGenerator<CsvRecord[]> {
  /** Lines of a record whose quote is still open. */
  const open: string[] = [];
  let rest = '';
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > recordLimits.rowChars) {
      lines.push(rest);
      rest = '';
    }
    const records: CsvRecord[] = [];
    for (const line of lines) {
      if (open.length === 0 && !line.includes('"')) records.push(plainRecord(line));
      else {
        open.push(line);
        records.push(...settle(open, false));
      }
    }
    yield records;
  }
  if (rest !== '') open.push(rest);
  yield [...settle(open, true)];
}

function plainRecord(line: string): CsvRecord {
  return { cells: withoutReturn(line).split(','), broken: false };
}

/** Empties `lines` as far as they are whole records; at the end, or above the limits, altogether. */
function* settle(lines: string[], end: boolean): Generator<CsvRecord> {
  while (lines.length > 0) {
    const [first = ''] = lines;
    const found = wholeRecord(lines);
    if (typeof found === 'object') {
      lines.splice(0, found.lines);
      yield { cells: found.cells, broken: false };
      continue;
    }
    const full = lines.length > recordLimits.cellLines || charsOf(lines) > recordLimits.rowChars;
    if (found === 'open' && !end && !full) return;
    lines.shift();
    yield { cells: [withoutReturn(first)], broken: true };
  }
}

/**
 * The cells of the first record. `open`: its quotes do not close within the lines; `wrong`: something else
 * than a comma follows a closing quote, as it does when an unclosed cell swallowed the rows up to the next
 * quote: joined rows must never pass for one.
 */
function wholeRecord(lines: readonly string[]): { cells: string[]; lines: number } | 'open' | 'wrong' {
  const text = lines.join('\n');
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    let cell = '';
    const quoted = text[at] === '"';
    if (quoted) {
      const close = closingQuote(text, at + 1);
      if (close < 0) return 'open';
      cell = text.slice(at + 1, close).replaceAll('""', '"');
      at = close + 1;
    }
    const stop = endOfCell(text, at);
    const tail = text[stop] === ',' ? text.slice(at, stop) : withoutReturn(text.slice(at, stop));
    if (quoted && tail !== '') return 'wrong';
    cells.push(cell + tail);
    if (text[stop] !== ',') return { cells, lines: text.slice(0, stop).split('\n').length };
    at = stop + 1;
  }
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function endOfCell(text: string, from: number): number {
  const comma = text.indexOf(',', from);
  const newline = text.indexOf('\n', from);
  if (comma < 0 && newline < 0) return text.length;
  if (comma < 0) return newline;
  return newline < 0 ? comma : Math.min(comma, newline);
}

function charsOf(lines: readonly string[]): number {
  let chars = 0;
  for (const line of lines) chars += line.length;
  return chars;
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
