import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { followingMutants } from './mutants/following.ts';
import type { Mutant } from './mutants/mutant.ts';
import { receivingMutants } from './mutants/receiving.ts';
import { sendingMutants } from './mutants/sending.ts';

// `npm run sim:mutants [-- --only text] [--seeds N]` through scripts/sim-mutants.ts: applies each defect to a
// copy of the sources and expects the simulation or a test to fail.
const { values } = parseArgs({ options: { only: { type: 'string' }, seeds: { type: 'string' } } });
const root = join(import.meta.dirname, '../..');
const seeds = values.seeds ?? '40';
const waitMs = 300_000;

const all: readonly Mutant[] = [...receivingMutants, ...sendingMutants, ...followingMutants];
const chosen = all.filter(({ name }) => name.includes(values.only ?? ''));

interface Verdict {
  readonly mutant: Mutant;
  readonly caught: boolean;
  readonly how: string;
  readonly seconds: number;
}

/** A copy of what the simulation and the tests import, so that nothing of the working tree is touched. */
function makeTree(): string {
  const tree = mkdtempSync(join(tmpdir(), 'tongbu-mutants-'));
  for (const name of ['core', 'certs', 'node', 'hub', 'proto', 'scripts', 'test', 'bin']) {
    cpSync(join(root, name), join(tree, name), { recursive: true });
  }
  for (const name of ['package.json', 'tsconfig.json', 'vitest.config.ts']) {
    cpSync(join(root, name), join(tree, name));
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'), 'dir');
  return tree;
}

function apply(tree: string, { name, edits }: Mutant): () => void {
  const before = new Map<string, string>();
  for (const { file, find, put } of edits) {
    const path = join(tree, file);
    const text = readFileSync(path, 'utf8');
    if (!before.has(path)) before.set(path, text);
    if (text.split(find).length !== 2) throw new Error(`the mutant '${name}' no longer fits ${file}`);
    writeFileSync(
      path,
      text.replace(find, () => put),
    );
  }
  return () => {
    for (const [path, text] of before) writeFileSync(path, text);
  };
}

async function judge(tree: string, mutant: Mutant): Promise<Verdict> {
  const startMs = performance.now();
  const restore = apply(tree, mutant);
  const { caughtBy } = mutant;
  const bySimulation = caughtBy === 'simulation';
  const args = bySimulation
    ? ['test/sim/run.ts', '--seeds', seeds, '--until-failure', '--jobs', '1']
    : ['node_modules/vitest/vitest.mjs', 'run', '--bail', '1', ...caughtBy];
  const { status, output } = await run(tree, args);
  restore();
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  return { mutant, caught: status !== 0, how: howOf(output, bySimulation), seconds };
}

async function run(tree: string, args: readonly string[]): Promise<{ status: number; output: string }> {
  const child = spawn(process.execPath, args, {
    cwd: tree,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: waitMs,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { status: code ?? 1, output };
}

/** The line that says what was noticed. */
function howOf(output: string, bySimulation: boolean): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the test runner
  const lines = output.replaceAll(/\u001b\[[0-9;]*m/g, '').split('\n');
  const telling = bySimulation
    ? lines.find((line) => /Violation|Error|seed \d+ failed/.test(line))
    : lines.find((line) => / FAIL |× /.test(line));
  return (telling ?? '').trim().slice(0, 110);
}

/** Every test that is to fail must pass without a defect, or its failing says nothing. */
async function baseline(): Promise<boolean> {
  const tree = makeTree();
  try {
    const files = new Set(chosen.flatMap(({ caughtBy }) => (caughtBy === 'simulation' ? [] : caughtBy)));
    const tests = ['node_modules/vitest/vitest.mjs', 'run', ...files];
    const runs = [['test/sim/run.ts', '--seeds', '3', '--jobs', '1'], ...(files.size > 0 ? [tests] : [])];
    for (const args of runs) {
      const { status, output } = await run(tree, args);
      if (status === 0) continue;
      console.log(`without any defect, ${args[0]} fails:\n${output}`);
      return false;
    }
    return true;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

async function worker(queue: Mutant[], verdicts: Verdict[]): Promise<void> {
  const tree = makeTree();
  try {
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const verdict = await judge(tree, mutant);
      verdicts.push(verdict);
      const mark = verdict.caught ? 'caught' : 'MISSED';
      console.log(
        `${mark}  ${String(verdict.seconds).padStart(3)} s  ${mutant.name}\n              ${verdict.how}`,
      );
    }
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

if (!(await baseline())) process.exit(1);
const queue = [...chosen];
const verdicts: Verdict[] = [];
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, () => worker(queue, verdicts)));
const missed = verdicts.filter(({ caught }) => !caught);
console.log(`\n${verdicts.length - missed.length} of ${verdicts.length} defects were caught.`);
for (const { mutant } of missed) console.log(`missed: ${mutant.name}`);
process.exitCode = missed.length === 0 && verdicts.length > 0 ? 0 : 1;
