import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from './tidy/sources.ts';

export interface CommandOutcome {
  /** Undefined when a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Half of a short command's time is compiling the same sources again. */
export const compileCache = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'tongbu') } as const;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `tongbu …` as a real process that goes on by itself; it is killed with this one at the latest. */
export class RunningCommand {
  readonly child: ChildProcess;
  readonly #ended: Promise<number | undefined>;
  #stdout = '';
  #stderr = '';

  /** `input` is all of standard input. */
  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}, input = '') {
    const env = { ...compileCache, ...process.env, TONGBU_LANG: 'en', ...environment };
    const script = join(root, 'bin', 'tongbu');
    const child = spawn(process.execPath, [script, ...args], { stdio: 'pipe', env });
    // Whoever does not read its input has ended by then, which is no error of the test.
    child.stdin.on('error', () => {}).end(input);
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      this.#stdout += part;
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      this.#stderr += part;
    });
    this.child = child;
    running.add(child);
    this.#ended = once(child, 'close').then(([code]: (number | null)[]) => {
      running.delete(child);
      return code ?? undefined;
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  async outcome(): Promise<CommandOutcome> {
    const status = await this.#ended;
    return { status, stdout: this.#stdout, stderr: this.#stderr };
  }
}

export function tongbu(...args: string[]): Promise<CommandOutcome> {
  return new RunningCommand(args).outcome();
}
