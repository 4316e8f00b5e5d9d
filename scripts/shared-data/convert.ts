import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeRows } from '../generate/row-file.ts';
import type { Row } from '../generate/scale.ts';
import { CodeMap } from './code-map.ts';
import { readDrugs } from './drug-catalog.ts';
import { readClaims } from './legacy-claims.ts';
import { readPeople } from './legacy-people.ts';

export interface ConvertedFile {
  /** Site that loads or publishes the file. */
  readonly county: string;
  readonly dataset: string;
  readonly entity: string;
  readonly path: string;
  readonly rows: number;
}

export interface Conversion {
  readonly files: readonly ConvertedFile[];
  /** How many source values found no rule and took a default, by system and column. */
  readonly defaulted: ReadonlyMap<string, number>;
}

/** The province publishes the catalogue. */
const province = '430000';

/**
 * Turns a folder of legacy exports and published tables into CSV files for `load` and `publish`, at run time
 * and into a folder of the caller's: nothing of that data is part of this repository. The rows are migrated
 * ones: load them so, and their faults are listed or held, not refused.
 */
export async function convertSharedData(folder: string, out: string, seed = 1): Promise<Conversion> {
  mkdirSync(out, { recursive: true, mode: 0o700 });
  const codes = await CodeMap.read(folder);
  const people = await readPeople(folder, seed, codes);
  const claims = await readClaims(folder, codes, people.byPersonalNo);
  const all = new Map<string, readonly Row[]>([
    [`${province} catalog drug`, await readDrugs(folder)],
    ...people.rows,
    ...claims,
  ]);
  const files = [...all].map(([name, rows]) => {
    const [county = '', dataset = '', entity = ''] = name.split(' ');
    const path = join(out, `${county}-${dataset}-${entity}.csv`);
    return { county, dataset, entity, path, rows: writeRows(path, sameColumns(rows), 'csv') };
  });
  return { files: files.sort((a, b) => a.path.localeCompare(b.path)), defaulted: codes.defaulted };
}

/** Both legacy systems go into one file, so every row gets the columns of all. */
function* sameColumns(rows: readonly Row[]): Generator<Row> {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  for (const row of rows) yield Object.fromEntries(columns.map((column) => [column, row[column] ?? '']));
}
