import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { claimRows } from '../generate/claim-rows.ts';
import { drugRows } from '../generate/drug-rows.ts';
import { enrollmentRows } from '../generate/enrollment-rows.ts';
import { personRows } from '../generate/person-rows.ts';
import { writeRows } from '../generate/row-file.ts';
import type { Row, Scale } from '../generate/scale.ts';
import { convertSharedData } from '../shared-data/convert.ts';

/** One file that one site loads or publishes. */
export interface WorkFile {
  readonly site: string;
  readonly dataset: string;
  /** Empty where the rows of an NDJSON file say it themselves. */
  readonly entity: string;
  readonly path: string;
  readonly rows: number;
  /** From a legacy system: its faults are listed, not refused. */
  readonly migrated: boolean;
}

export interface WorkloadSize {
  readonly persons: number;
  readonly drugs: number;
  readonly year: number;
}

const seed = 20_260_101;

/** Made-up rows of a county's shape; the same size always gives the same files. */
export function generatedWork(
  folder: string,
  province: string,
  counties: readonly string[],
  size: WorkloadSize,
): WorkFile[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (site: string, dataset: string, rows: Iterable<Row>): WorkFile => {
    const path = join(folder, `${site}-${dataset}.ndjson`);
    return { site, dataset, entity: '', path, rows: writeRows(path, rows, 'ndjson'), migrated: false };
  };
  const { persons, drugs, year } = size;
  const work = [file(province, 'catalog', drugRows({ seed, drugs, year }))];
  for (const county of counties) {
    const scale: Scale = { seed, county, persons, year, eventsPerPerson: 2.2, linesPerStay: 40 };
    work.push(file(county, 'persons', personRows(scale)));
    work.push(file(county, 'enrollment', enrollmentRows(scale)));
    work.push(file(county, 'claims', claimRows(scale)));
  }
  return work;
}

/** Real published tables and legacy exports of a folder of the caller's, as the same kind of files. */
export async function convertedWork(data: string, folder: string): Promise<WorkFile[]> {
  const { files } = await convertSharedData(data, folder);
  return files.map(({ county, dataset, entity, path, rows }) => ({
    site: county,
    dataset,
    entity,
    path,
    rows,
    migrated: dataset !== 'catalog',
  }));
}
