import { checks, runTogether } from './checks.ts';

process.exitCode = (await runTogether(checks)) === 0 ? 0 : 1;
