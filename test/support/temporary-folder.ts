import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for one test; `remove` leaves nothing behind. */
export class TemporaryFolder {
  readonly path: string;

  constructor(parent = tmpdir()) {
    this.path = mkdtempSync(join(parent, 'tongbu-test-'));
  }

  /** In memory where the system can: for worlds that commit thousands of times and never lose their power. */
  static inMemory(): TemporaryFolder {
    return new TemporaryFolder(existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
  }

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
