import { readdirSync, readFileSync } from 'node:fs';

/** Processes of this machine whose command line names a path; empty where there is no /proc. */
export function processesNaming(path: string): number[] {
  return processIds().filter((pid) => commandLine(pid).includes(path) && pid !== process.pid);
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // it ended meanwhile
  }
}

/** Undefined for one that is gone. */
export function parentOf(pid: number): number | undefined {
  try {
    // The name, in brackets, may hold blanks; state and parent follow it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
