import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoFigures } from '../../scripts/demo/figures.ts';
import { RunningCommand } from './command.ts';
import { processesNaming } from './processes.ts';
import { until } from './until.ts';

/** Where the demonstrations of one test lie; `close` ends them and all that they started. */
export class DemoFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'tongbu-demos-'));
  readonly #commands: RunningCommand[] = [];

  start(name: string, ...args: string[]): RunningCommand {
    const command = new RunningCommand(['demo', '--folder', this.of(name), ...args]);
    this.#commands.push(command);
    return command;
  }

  of(name: string): string {
    return join(this.path, name);
  }

  /** Until a demonstration has made this part of its folder. */
  async reached(name: string, part: string): Promise<void> {
    await until(`${part} of ${name}`, () => existsSync(join(this.of(name), part)));
  }

  figures(file: string): DemoFigures {
    return JSON.parse(readFileSync(this.of(file), 'utf8')) as DemoFigures;
  }

  close(): void {
    for (const { child } of this.#commands) child.kill('SIGKILL');
    for (const pid of processesNaming(this.path)) process.kill(pid, 'SIGKILL');
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}
