import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DrillFailed } from './drill-report.ts';
import { OfficerDrill } from './officer-drill.ts';

// `npm run drill:officers [-- --json FILE --keep-data]`: the security officers' drill on real processes.
const { values } = parseArgs({ options: { json: { type: 'string' }, 'keep-data': { type: 'boolean' } } });
const folder = mkdtempSync(join(tmpdir(), 'tongbu-drill-'));
const drill = new OfficerDrill(folder, (line) => process.stdout.write(`${line}\n`));
let failure = '';
try {
  await drill.run();
} catch (error) {
  failure =
    error instanceof DrillFailed ? error.message : String(error instanceof Error ? error.stack : error);
} finally {
  await drill.close();
}
const { steps } = drill.report;
if (values.json !== undefined) {
  writeFileSync(
    values.json,
    `${JSON.stringify({ version: 1, passed: failure === '', steps }, undefined, 2)}\n`,
  );
}
if (values['keep-data']) process.stdout.write(`\nEverything lies in ${folder}\n`);
else rmSync(folder, { recursive: true, force: true });
const passed = steps.filter((step) => step.passed).length;
process.stdout.write(
  failure === ''
    ? `\n${passed} steps, all as they must be.\n`
    : `\nThe drill failed after ${passed} steps: ${failure}\n`,
);
process.exitCode = failure === '' ? 0 : 1;
