import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** What a running site says of itself in its folder; after a SIGKILL it says what was true before. */
export interface RunFile {
  readonly port: number;
  readonly pid: number;
  /** Where new sites enrol, from the first unsealing on. */
  readonly enrolPort?: number;
}

/** Undefined when the site was never started or has stopped. */
export function readRunFile(path: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}

/** Whole or not at all, because other processes read it at any moment. */
export function writeRunFile(path: string, content: RunFile): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, JSON.stringify(content), { mode: 0o644 });
  renameSync(temporary, path);
}

/** Whether the process that wrote the file is still there (or its number was given to another). */
export function isRunning({ pid }: RunFile): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There, but of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
