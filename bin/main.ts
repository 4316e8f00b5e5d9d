import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { systemClock } from '../core/base/clock.ts';
import { systemRandom } from '../core/base/random.ts';
import { createContext, type Output } from '../core/cli/context.ts';
import { runProgram } from '../core/cli/program.ts';
import { commands, jsonTakesFile, welcome } from './commands.ts';

/** The one place that knows the real world: streams, environment, signals, clock, exit. */
export async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  const context = createContext({
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    json: wantsJson(argv),
    clock: systemClock,
    random: systemRandom,
    signal: signalled(),
  });
  leaveWhenNobodyReads(process.stdout);
  leaveWhenNobodyReads(process.stderr);
  const spec = { name: 'tongbu', version: version(), text: description, commands, welcome };
  const exitCode = await runProgram(spec, argv, context);
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(exitCode);
}

const description = {
  en: 'Tongbu: a federated, signed and verifiable sync hub for public medical insurance',
  zh: '同步（Tongbu）：基本医疗保险的联邦式、可签名、可验证的数据同步枢纽',
};

/** Known before anything is parsed, because a wrong command line is answered in JSON too. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  return options.includes('--json') && !jsonTakesFile.includes(argv[0] ?? '');
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The first signal asks; the second ends at once, as does the first when no part has anything to finish. */
function signalled(): AbortSignal {
  const controller = new AbortController();
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(name, () => {
      const heard = getEventListeners(controller.signal, 'abort').length > 0;
      if (controller.signal.aborted || !heard) process.exit(code);
      controller.abort();
    });
  }
  return controller.signal;
}

/** `tongbu … | head` is no error. */
function leaveWhenNobodyReads(stream: Output): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
}

/** A pipe may still hold what was written; exit would drop it. */
function flushed(stream: Output): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
