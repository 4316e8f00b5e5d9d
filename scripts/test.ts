import { checks, runOpenly, runTogether, type Step } from './checks.ts';

// `npm test` is everything; `npm test -- test/core/log -t 'a name'` hands its arguments to vitest alone;
// `npm run test:long` runs what takes minutes.
const args = process.argv.slice(2);
const long = args[0] === '--long';
const wanted = long ? args.slice(1) : args;

const tests: Step = {
  name: 'tests',
  script: 'node_modules/vitest/vitest.mjs',
  arguments: ['run', '--passWithNoTests', ...wanted],
  ...(long ? { environment: { TONGBU_LONG: '1' } } : {}),
};

const failed = args.length === 0 ? await runTogether(checks) : 0;
const passed = await runOpenly(tests);
if (failed > 0) console.error(`${failed} of the checks before the tests failed; see above.`);
process.exitCode = passed && failed === 0 ? 0 : 1;
