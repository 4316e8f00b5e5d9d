import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { claimRows } from '../../scripts/generate/claim-rows.ts';
import { drugRows } from '../../scripts/generate/drug-rows.ts';
import { enrollmentRows } from '../../scripts/generate/enrollment-rows.ts';
import { personRows } from '../../scripts/generate/person-rows.ts';

/** Rows as the intake takes them. */
export type RowObject = Readonly<Record<string, string>>;

export interface IntakeProblem {
  readonly row: number;
  readonly field: string;
  readonly rule: string;
  readonly severity: string;
  readonly text: string;
  readonly example: string;
}

export interface IntakeResult {
  readonly accepted: number;
  readonly unchanged: number;
  readonly problems: readonly IntakeProblem[];
  readonly logSize: number;
}

/** Made-up rows of a county by dataset; the same arguments give the same rows. */
export function countyRows(county: string, persons: number): Readonly<Record<string, readonly RowObject[]>> {
  const scale = { seed: 7, county, persons, year: 2026, eventsPerPerson: 1, linesPerStay: 4 };
  return {
    persons: [...personRows(scale)],
    enrollment: [...enrollmentRows(scale)],
    claims: [...claimRows(scale)],
  };
}

export function catalogRows(drugs: number): readonly RowObject[] {
  return [...drugRows({ seed: 7, drugs, year: 2026 })];
}

/** Stores rows by one call of the intake, as a business system would. Throws faults only. */
export async function putRows(
  site: DemoSite,
  dataset: string,
  rows: readonly RowObject[],
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<IntakeResult> {
  const client = await site.client();
  const lines = Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
  const request = { messageId: 'test', rows: { dataset, entity: '', rows: lines, firstRow: 1, dryRun } };
  const { result } = await client.unary<{ result: IntakeResult }>('node', 'Intake', 'put', request, 60_000);
  return result;
}
