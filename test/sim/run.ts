import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { simulate } from './world/simulation.ts';

// `npm run sim -- --seeds N [--seed S] [--jobs J]` through scripts/sim.ts: N worlds, from seed S on.
const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    jobs: { type: 'string' },
    json: { type: 'boolean' },
    'until-failure': { type: 'boolean' },
    every: { type: 'string' },
  },
});
const first = Number(values.seed ?? 1);
const count = Number(values.seeds ?? (values.seed === undefined ? 20 : 1));
const jobs = Math.min(Number(values.jobs ?? availableParallelism()), count);
const every = Number(values.every ?? 1);
if (![first, count, jobs, every].every((number) => Number.isSafeInteger(number)) || count < 1 || jobs < 1) {
  console.error('usage: npm run sim -- --seeds N [--seed S] [--jobs J]');
  process.exit(2);
}

/** Each seed in turn, in this process. */
async function runSeeds(): Promise<number> {
  let failed = 0;
  for (let seed = first; seed < first + count; seed += every) {
    try {
      const result = await simulate(seed);
      const { digest, steps, entries, faults, crashes, simulatedMs } = result;
      const seconds = Math.round(simulatedMs / 1_000);
      const what = `${steps} steps, ${entries} entries, ${crashes} crashes in ${seconds} s`;
      const line = `seed ${seed} ${digest.slice(0, 12)} ${what}: ${faults.join(', ') || 'no faults'}`;
      console.log(values.json ? JSON.stringify(result) : line);
    } catch (error) {
      failed += 1;
      console.error(error instanceof Error ? (error.stack ?? error.message) : error);
      if (values['until-failure']) break;
    }
  }
  return failed;
}

/** Every j-th seed in a process of its own; a failure there is printed there. */
async function shareSeeds(): Promise<number> {
  const shares = Array.from({ length: jobs }, async (_, i) => {
    const args = ['--seed', String(first + i), '--seeds', String(count - i), '--every', String(jobs)];
    const flags = Object.entries(values).flatMap(([name, value]) => (value === true ? [`--${name}`] : []));
    const child = fork(import.meta.filename, [...args, '--jobs', '1', ...flags]);
    const [failed] = (await once(child, 'exit')) as [number | null];
    return failed ?? 1;
  });
  return (await Promise.all(shares)).reduce((sum, failed) => sum + failed, 0);
}

const failed = jobs > 1 ? await shareSeeds() : await runSeeds();
const isShare = values.every !== undefined;
if (!isShare) {
  const whole = `${count} simulated worlds, all of them whole.`;
  console.log(failed === 0 ? whole : `${failed} of ${count} failed; see above.`);
}
// A share tells its parent how many; one exit code holds no more than 255.
process.exitCode = isShare ? Math.min(failed, 255) : failed === 0 ? 0 : 1;
