import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/tongbu', import.meta.url));

/** What one command answered under --json. */
export interface Answer {
  readonly status: number;
  readonly document: Record<string, unknown>;
  /** TB code of the error, if it is one. */
  readonly code: string | undefined;
  readonly message: string;
}

/** `tongbu …` as a person types it, in a process of its own; `input` is all of its standard input. */
export async function tongbu(args: readonly string[], input = ''): Promise<Answer> {
  const env = { ...process.env, TONGBU_LANG: 'en' };
  const child = spawn(process.execPath, [program, ...args, '--json'], { stdio: 'pipe', env });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  // Whoever does not read its input has ended by then.
  child.stdin.on('error', () => {}).end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { status: code ?? 1, ...parsed(stdout, stderr) };
}

function parsed(stdout: string, stderr: string): Omit<Answer, 'status'> {
  try {
    const document = JSON.parse(stdout) as Record<string, unknown>;
    const error = document['error'] as { code?: string; message?: string } | undefined;
    return { document, code: error?.code, message: error?.message ?? '' };
  } catch {
    return { document: {}, code: undefined, message: `${stdout}${stderr}`.trim().slice(0, 2_000) };
  }
}
