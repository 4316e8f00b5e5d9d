import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { fault } from '../../base/errors.ts';
import { type ColumnMap, parseColumnMap } from '../../records/column-map.ts';
import { type Dataset, type Entity, entityOf } from '../../records/dataset.ts';
import { formatOf, type RowFile, type RowFormat } from '../../records/row-reader.ts';
import type { Encoding } from '../../records/text-file.ts';

export interface LoadFileOptions {
  readonly entity?: string | undefined;
  readonly encoding: Encoding;
  readonly map?: string | undefined;
}

export interface LoadFile extends RowFile {
  /** Kind of all rows, for the request; '' where each row says its own. */
  readonly entityName: string;
}

/** What a file is, by the options, its name and its first bytes. Throws TB1003, TB1505, TB1506. */
export function loadFileOf(path: string, dataset: Dataset, options: LoadFileOptions): LoadFile {
  const { encoding, map } = options;
  const start = startOf(path);
  const format: RowFormat = /^\s*\{/.test(start) ? 'ndjson' : formatOf(path);
  const own = format === 'ndjson' || isRejectsOfNdjson(start);
  const entity = own && options.entity === undefined ? anyOf(dataset) : entityOf(dataset, options.entity);
  const entityName = own ? (options.entity ?? '') : entity.name;
  const columns = map === undefined ? undefined : readMap(map, entity);
  return { path, format, encoding, entity, entityName, ...(columns ? { map: columns } : {}) };
}

/** Rows that say their own kind need an entity only for examples. */
function anyOf(dataset: Dataset): Entity {
  return entityOf(dataset, dataset.usual ?? dataset.entities[0]?.name);
}

/** The corrected rejects of an NDJSON file: a CSV whose last column holds the row as it was. */
function isRejectsOfNdjson(start: string): boolean {
  return /^#row[^\n]*,json\r?\n/.test(start);
}

/** The first line, as far as it is ASCII; without a byte order mark. */
function startOf(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(1_024);
      const read = readSync(file, bytes);
      const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
      return bytes.toString('latin1', marked ? 3 : 0, read);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}

function readMap(path: string, entity: Entity): ColumnMap {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
  return parseColumnMap(path, text, entity);
}
