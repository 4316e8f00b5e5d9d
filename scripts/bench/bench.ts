import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { enrollmentRows } from '../generate/enrollment-rows.ts';
import { fullScale } from '../generate/scale.ts';
import type { BenchOptions, Measurement, Outcome } from './measurement.ts';

// npm run bench -- [--json] [--rows N] [--only NAME]…
// Measures, in one run and with the same rows, county-to-hub replication and what it is compared with.

/** In this order; a module that is not there yet is skipped with that reason. */
const measurements = ['replication', 'postgres'] as const;

/** Figures that are compared: ours, theirs, and whether more is better. */
const comparisons = [
  { name: 'durable catch-up', ours: 'durablePerSecond', theirs: 'rowsPerSecond', more: true },
  { name: 'queryable catch-up', ours: 'queryablePerSecond', theirs: 'rowsPerSecond', more: true },
  { name: 'bytes on the wire', ours: 'bytesPerEntry', theirs: 'bytesPerRow', more: false },
] as const;

const help = `npm run bench -- [--json] [--rows N] [--only NAME]…

  --rows N     entries, or rows, to replicate (default 500000)
  --only NAME  one of: ${measurements.join(', ')}; may be repeated
  --json       one JSON document on standard output
`;

// The measurements clean up when the process exits; a signal alone would not let them.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '500000' },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const rows = /^[1-9]\d{0,8}$/.test(values.rows) ? Number(values.rows) : undefined;
  const unknown = values.only.some((name) => !(measurements as readonly string[]).includes(name));
  if (values.help || rows === undefined || unknown) {
    process[values.help ? 'stdout' : 'stderr'].write(help);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const options = { rows, lines: () => enrollmentLines(rows), note };
  const outcomes = new Map<string, Outcome>();
  for (const name of measurements) {
    if (values.only.length > 0 && !values.only.includes(name)) continue;
    outcomes.set(name, await measure(name, options));
  }
  const report = {
    version: 1,
    rows,
    machine: machine(),
    ...Object.fromEntries(outcomes),
    ratios: ratios(outcomes),
  };
  process.stdout.write(values.json ? `${JSON.stringify(report, undefined, 2)}\n` : print(outcomes));
}

async function measure(name: string, options: BenchOptions): Promise<Outcome> {
  const file = join(import.meta.dirname, `${name}.ts`);
  if (!existsSync(file)) return { skipped: `scripts/bench/${name}.ts is not there` };
  const module = (await import(file)) as Measurement;
  return module.measure(options);
}

/** The same rows for every measurement, as CSV. */
async function* enrollmentLines(rows: number): AsyncIterable<string> {
  let columns: readonly string[] | undefined;
  for (const row of enrollmentRows({ seed: 1, county: '430121', persons: rows, year: 2026, ...fullScale })) {
    if (!columns) {
      columns = Object.keys(row);
      yield columns.join(',');
    }
    yield columns.map((column) => csvCell(row[column] ?? '')).join(',');
  }
}

/** Ours over theirs where more is better, theirs over ours where less is: above 1 means better. */
function ratios(outcomes: ReadonlyMap<string, Outcome>): Record<string, number> {
  const figure = (measurement: string, name: string): number | undefined => {
    const outcome = outcomes.get(measurement);
    const value = outcome && 'figures' in outcome ? outcome.figures[name] : undefined;
    return typeof value === 'number' && value > 0 ? value : undefined;
  };
  const found: Record<string, number> = {};
  for (const { name, ours, theirs, more } of comparisons) {
    const [a, b] = [figure('replication', ours), figure('postgres', theirs)];
    if (a !== undefined && b !== undefined) found[name] = Math.round((more ? a / b : b / a) * 100) / 100;
  }
  return found;
}

function machine(): {
  readonly cores: number;
  readonly model: string;
  readonly memoryGb: number;
  readonly node: string;
} {
  const [cpu] = cpus();
  return {
    cores: cpus().length,
    model: cpu?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
  };
}

function print(outcomes: ReadonlyMap<string, Outcome>): string {
  const lines: string[] = [];
  for (const [name, outcome] of outcomes) {
    lines.push(name);
    if ('skipped' in outcome) lines.push(`  skipped: ${outcome.skipped}`);
    else
      for (const [key, value] of Object.entries(outcome.figures))
        lines.push(`  ${key.padEnd(24)} ${show(value)}`);
  }
  const compared = Object.entries(ratios(outcomes));
  if (compared.length > 0) lines.push('compared with PostgreSQL (above 1 is better)');
  for (const [name, ratio] of compared) lines.push(`  ${name.padEnd(24)} ${ratio}`);
  return `${lines.join('\n')}\n`;
}

function csvCell(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function show(value: number | string): string {
  return typeof value === 'number' ? value.toLocaleString('en-US') : value;
}

function note(text: string): void {
  process.stderr.write(`${text} …\n`);
}
