import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The static checks: types, form and traps, the contract. */
export const checks: readonly Step[] = [
  { name: 'types', script: 'node_modules/typescript/bin/tsc', arguments: ['--noEmit'] },
  { name: 'lint and format', script: 'node_modules/@biomejs/biome/bin/biome', arguments: ['check'] },
  { name: 'proto', script: 'node_modules/@bufbuild/buf/bin/buf', arguments: ['lint'] },
];

export interface Step {
  readonly name: string;
  /** Relative to the root of the repository; run by the Node that runs us. */
  readonly script: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..');

/** Runs the steps at the same time, prints what each had to say, and returns how many failed. */
export async function runTogether(steps: readonly Step[]): Promise<number> {
  const results = await Promise.all(steps.map((step) => runQuietly(step)));
  for (const { step, ok, output, seconds } of results) {
    console.error(`${ok ? '✓' : '✗'} ${step.name} (${seconds.toFixed(1)} s)`);
    if (!ok) console.error(output.trimEnd());
  }
  return results.filter(({ ok }) => !ok).length;
}

/** Runs a step with our own terminal; true when it succeeded. */
export function runOpenly(step: Step): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const child = spawn(process.execPath, commandLine(step), {
    cwd: root,
    stdio: 'inherit',
    env: environment(step),
  });
  child.on('error', reject);
  child.on('exit', (code) => resolve(code === 0));
  return promise;
}

interface Result {
  readonly step: Step;
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

function runQuietly(step: Step): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const startMs = performance.now();
  const child = spawn(process.execPath, commandLine(step), {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(step),
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  child.on('error', reject);
  child.on('close', (code) => {
    resolve({ step, ok: code === 0, output, seconds: (performance.now() - startMs) / 1000 });
  });
  return promise;
}

function commandLine({ script, arguments: args }: Step): string[] {
  const file = join(root, script);
  if (!existsSync(file)) throw new Error(`${script} is missing: run \`node scripts/setup.mjs\``);
  return [file, ...args];
}

function environment(step: Step): NodeJS.ProcessEnv {
  return { ...process.env, ...step.environment };
}
