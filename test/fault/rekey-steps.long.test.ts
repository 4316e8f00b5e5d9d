import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/base/clock.ts';
import { seededRandom } from '../../core/base/random.ts';
import { type RekeyStep, rekeyFile, rekeySteps } from '../../core/store/rekey.ts';
import { InjectedError } from '../support/failing-database.ts';
import { contentOf, leftovers, makeFile, newKey, oldKey } from '../support/rekey-setting.ts';
import { TemporaryFolder } from '../support/temporary-folder.ts';

/*
 * Whatever happens to a re-keying: the file opens with the old or with the new key, holds everything, and the
 * next attempt ends with the new key alone. Both keys are in the ring until then.
 */

const whens = ['before', 'after'] as const;
let folder: TemporaryFolder;
let path: string;

beforeEach(() => {
  folder = TemporaryFolder.inMemory();
  path = folder.file('site.db');
});
afterEach(() => folder.remove());

/** One of the two keys opens everything; then the rest of the rotation, as the next opening does it. */
function expectWhole(wanted: string): 'old' | 'new' {
  expect(contentOf(path, newKey, oldKey)).toBe(wanted);
  const found = opensWith(newKey) ? 'new' : 'old';
  if (found === 'old') rekeyFile({ path, from: oldKey, to: newKey });
  expect(contentOf(path, newKey)).toBe(wanted);
  expect(opensWith(oldKey)).toBe(false);
  expect(leftovers(folder.path)).toEqual([]);
  return found;
}

function opensWith(key: Buffer): boolean {
  try {
    contentOf(path, key);
    return true;
  } catch {
    return false;
  }
}

describe.each(whens)('a re-keying that fails %s the step', (when) => {
  test.each(rekeySteps)('%s leaves a file that opens with one of the two keys, whole', (step) => {
    const wanted = makeFile(path, 400);
    const perform = (name: RekeyStep, work: () => void) => {
      if (name === step && when === 'before') throw new InjectedError();
      work();
      if (name === step && when === 'after') throw new InjectedError();
    };
    expect(() => rekeyFile({ path, from: oldKey, to: newKey, perform })).toThrow(InjectedError);
    const renamed = rekeySteps.indexOf(step) - (when === 'before' ? 1 : 0) >= rekeySteps.indexOf('rename');
    expect(expectWhole(wanted)).toBe(renamed ? 'new' : 'old');
  });
});

const child = join(import.meta.dirname, '../support/rekey-child.ts');

async function rekeyInProcess(step: string, when: string, killAfterMs?: number): Promise<string | null> {
  const running = spawn(process.execPath, [child, path, step, when], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.stdout.resume();
  const ended = once(running, 'exit') as Promise<[number | null, string | null]>;
  if (killAfterMs !== undefined) {
    await once(running.stdout, 'data');
    await systemClock.sleep(killAfterMs);
    running.kill('SIGKILL');
  }
  return (await ended)[1];
}

describe('a process that is killed', () => {
  test.each(rekeySteps)('before and after the step %s leaves the same', async (step) => {
    for (const when of whens) {
      path = folder.file('site.db');
      const wanted = makeFile(path, 400);
      expect(await rekeyInProcess(step, when)).toBe('SIGKILL');
      expectWhole(wanted);
      folder.remove();
      folder = TemporaryFolder.inMemory();
    }
  });

  test('in the middle of whatever it does leaves the same', async () => {
    const random = seededRandom(7);
    const found = new Set<string | null>();
    for (let round = 0; round < 6; round += 1) {
      path = folder.file('site.db');
      const wanted = makeFile(path, 30_000);
      // The moment itself: anywhere within the second that it takes.
      found.add(await rekeyInProcess('none', 'never', random.uniform() * 900));
      expectWhole(wanted);
      folder.remove();
      folder = TemporaryFolder.inMemory();
    }
    expect([...found]).toContain('SIGKILL');
  }, 90_000);
});
