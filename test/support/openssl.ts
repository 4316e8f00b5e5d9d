import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether the openssl command is here; suites that need it say so in their name when they are skipped. */
export const opensslMissing = spawnSync('openssl', ['version']).status !== 0;
export const opensslReason = opensslMissing ? ' (skipped: no openssl command on this machine)' : '';

/** Runs openssl in a folder of its own with these files; what it printed on both outputs, and its status. */
export function openssl(
  files: Readonly<Record<string, Uint8Array | string>>,
  args: readonly string[],
): { readonly status: number; readonly text: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tongbu-openssl-'));
  try {
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), content, { mode: 0o600 });
    const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    return { status: status ?? -1, text: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same without blocking this process, for talking to a server in it; standard input ends at once. */
export async function opensslAsync(
  files: Readonly<Record<string, Uint8Array | string>>,
  args: readonly string[],
): Promise<{ readonly status: number; readonly text: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tongbu-openssl-'));
  try {
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), content, { mode: 0o600 });
    const child = spawn('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const output of [child.stdout, child.stderr]) output.on('data', (part) => (text += part));
    const status = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
    return { status, text };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
