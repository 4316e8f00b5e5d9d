import { recordLimits } from './record-limits.ts';

export interface Line {
  readonly line: string;
  readonly rowNumber: number;
}

/** Lines of a text with their numbers, empty ones left out. A line above the limit is cut, so no JSON. */
export async function* readNdjson(text: AsyncIterable<string>): AsyncGenerator<Line> {
  let rest = '';
  let rowNumber = 0;
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(0, recordLimits.rowChars);
    for (const line of lines) {
      rowNumber += 1;
      if (line.trim() !== '') yield { line: line.slice(0, recordLimits.rowChars), rowNumber };
    }
  }
  if (rest.trim() !== '') yield { line: rest, rowNumber: rowNumber + 1 };
}
