import { recordLimits } from './record-limits.ts';

export interface Line {
  readonly line: string;
  readonly rowNumber: number;
}

/** Lines with their numbers, those of one chunk at a time; empty ones left out, too long ones cut. */
export async function* readNdjson(text: AsyncIterable<string>): AsyncGenerator<Line[]> {
  let rest = '';
  let rowNumber = 0;
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    // A cut line is no JSON and is refused as such; only the memory must stay bounded.
    rest = (lines.pop() ?? '').slice(0, recordLimits.rowChars);
    const found: Line[] = [];
    for (const line of lines) {
      rowNumber += 1;
      if (line.trim() !== '') found.push({ line: line.slice(0, recordLimits.rowChars), rowNumber });
    }
    yield found;
  }
  if (rest.trim() !== '') yield [{ line: rest, rowNumber: rowNumber + 1 }];
}
