import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for one test; `remove` leaves nothing behind. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'tongbu-test-'));

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
