import { PassThrough } from 'node:stream';
import { commands, welcome } from '../../bin/commands.ts';
import { systemClock } from '../../core/base/clock.ts';
import { systemRandom } from '../../core/base/random.ts';
import { createContext } from '../../core/cli/context.ts';
import { runProgram } from '../../core/cli/program.ts';
import type { JsonOutcome } from './json-command.ts';

const spec = { name: 'tongbu', version: '0', text: { en: 'x', zh: 'x' }, commands, welcome };

export interface CliOutcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A command line in this process, with the real clock, files and network: for tests of many commands, whose
 * time would go into starting processes. Standard input is no terminal.
 */
export async function runCli(args: readonly string[], input = ''): Promise<CliOutcome> {
  const [stdout, stderr] = [sink(), sink()];
  const stdin = new PassThrough();
  stdin.end(input);
  const context = createContext({
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    environment: { TONGBU_LANG: 'en' },
    json: args.includes('--json'),
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
  });
  const status = await runProgram(spec, args, context);
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}

/** The same with --json: exactly one document, or the test fails. */
export async function runCliJson<Document>(
  args: readonly string[],
  input = '',
): Promise<JsonOutcome<Document>> {
  const { status, stdout, stderr } = await runCli([...args, '--json'], input);
  return { status, document: JSON.parse(stdout) as Document, stderr };
}

function sink() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  return { stream, text: () => text };
}
