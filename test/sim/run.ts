import { parseArgs } from 'node:util';
import { simulate } from './world/simulation.ts';

// `npm run sim -- --seeds N [--seed S]` through scripts/sim.ts: N simulated worlds, from seed S on.
const { values } = parseArgs({
  options: { seeds: { type: 'string' }, seed: { type: 'string' }, json: { type: 'boolean' } },
});
const first = Number(values.seed ?? 1);
const count = Number(values.seeds ?? (values.seed === undefined ? 20 : 1));
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) {
  console.error('usage: npm run sim -- --seeds N [--seed S]');
  process.exit(2);
}

let failed = 0;
for (let seed = first; seed < first + count; seed += 1) {
  try {
    const result = await simulate(seed);
    const { digest, steps, entries, faults, crashes, simulatedMs } = result;
    const seconds = Math.round(simulatedMs / 1_000);
    if (values.json) console.log(JSON.stringify(result));
    else {
      const what = `${steps} steps, ${entries} entries, ${crashes} crashes in ${seconds} s`;
      console.log(`seed ${seed} ${digest.slice(0, 12)} ${what}: ${faults.join(', ') || 'no faults'}`);
    }
  } catch (error) {
    failed += 1;
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  }
}
console.log(
  failed === 0 ? `${count} simulated worlds, all of them whole.` : `${failed} of ${count} failed; see above.`,
);
process.exitCode = failed === 0 ? 0 : 1;
