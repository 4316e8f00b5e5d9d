import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// `npm run sim -- --seeds N [--seed S]`: simulated counties, province and nation; a failure prints its seed.
const program = join(import.meta.dirname, '../test/sim/run.ts');
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
