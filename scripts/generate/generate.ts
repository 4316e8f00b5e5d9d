import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { claimRows } from './claim-rows.ts';
import { countyOf } from './counties.ts';
import { drugRows } from './drug-rows.ts';
import { enrollmentRows } from './enrollment-rows.ts';
import { personRows } from './person-rows.ts';
import { type RowFormat, writeRows } from './row-file.ts';
import { fullScale, type Row, type Scale } from './scale.ts';

const help = `Writes made-up but right-shaped rows: the same options always give the same files.

  node scripts/generate/generate.ts --out DIR [--county 430121]… [--persons 1000] [--year 2026]
       [--seed 1] [--events 2.2] [--lines-per-stay 200] [--drugs 2000] [--format ndjson|csv]

ID numbers begin with 99 (never assigned), phones with 100. CSV puts visits, claims and lines in files of
their own. Example: node scripts/generate/generate.ts --out /tmp/rows --county 430121 --persons 5000
`;

function main(): void {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      county: { type: 'string', multiple: true, default: ['430121'] },
      persons: { type: 'string', default: '1000' },
      year: { type: 'string', default: '2026' },
      seed: { type: 'string', default: '1' },
      events: { type: 'string', default: String(fullScale.eventsPerPerson) },
      'lines-per-stay': { type: 'string', default: String(fullScale.linesPerStay) },
      drugs: { type: 'string', default: '2000' },
      format: { type: 'string', default: 'ndjson' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const format = values.format;
  if (values.help || values.out === undefined || (format !== 'ndjson' && format !== 'csv')) {
    process.stdout.write(help);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  mkdirSync(values.out, { recursive: true });
  const seed = Number(values.seed);
  const year = Number(values.year);
  const drugs = drugRows({ seed, drugs: Number(values.drugs), year });
  write(join(values.out, `catalog.${format}`), drugs, format);
  for (const county of values.county) {
    writeCounty(values.out, format, {
      seed,
      county: countyOf(county).code,
      persons: Number(values.persons),
      year,
      eventsPerPerson: Number(values.events),
      linesPerStay: Number(values['lines-per-stay']),
    });
  }
}

function writeCounty(out: string, format: RowFormat, scale: Scale): void {
  const path = (name: string) => join(out, `${scale.county}-${name}.${format}`);
  write(path('persons'), personRows(scale), format);
  write(path('enrollment'), enrollmentRows(scale), format);
  if (format === 'ndjson') return write(path('claims'), claimRows(scale), format);
  for (const entity of ['visit', 'line', 'claim'])
    write(path(`claims-${entity}`), only(entity, claimRows(scale)), format);
}

/** A CSV file has one kind of row. */
function* only(entity: string, rows: Iterable<Row>): Generator<Row> {
  for (const row of rows) if (row['entity'] === entity) yield row;
}

function write(path: string, rows: Iterable<Row>, format: RowFormat): void {
  process.stdout.write(`${path} ${writeRows(path, rows, format)} rows\n`);
}

main();
