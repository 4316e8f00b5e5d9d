import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

interface Found {
  readonly raw: number;
  readonly digits: number;
}

type Counts = Readonly<Record<string, Found>>;

const linux = existsSync('/proc/self/mem');
const linuxReason = linux ? '' : ' (skipped: no /proc on this machine)';

describe.skipIf(!linux)(`keys in the memory of a process${linuxReason}`, () => {
  let seen: { readonly held: Counts; readonly open: Counts; readonly closed: Counts };

  beforeAll(async () => {
    const script = join(import.meta.dirname, 'memory-of-keys.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script]);
    seen = JSON.parse(stdout) as typeof seen;
  }, 120_000);

  test('are found by the search while the ring is open', () => {
    for (const state of [seen.held, seen.open]) {
      for (const [purpose, { raw }] of Object.entries(state)) {
        expect([purpose, raw > 0]).toEqual([purpose, true]);
      }
    }
  });

  test('are at no time written out in digits, as a string would be', () => {
    for (const state of [seen.held, seen.open, seen.closed]) {
      for (const [purpose, { digits }] of Object.entries(state))
        expect([purpose, digits]).toEqual([purpose, 0]);
    }
  });

  test('are gone when the site is closed: database, log, mirror and server password', () => {
    const left = Object.entries(seen.closed).map(([purpose, { raw }]) => [purpose, raw]);
    expect(left).toEqual([
      ['db', 0],
      ['log', 0],
      ['mirror', 0],
      ['password/writer', 0],
    ]);
  });
});
