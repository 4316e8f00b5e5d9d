import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// `npm run sim:mutants [-- --only text]`: each deliberate defect must be caught.
const program = join(import.meta.dirname, '../test/sim/run-mutants.ts');
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
