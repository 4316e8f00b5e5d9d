import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { seededRandom } from '../../../core/base/random.ts';
import { Seal } from '../../../core/seal/seal.ts';
import { FailingFiles } from './failing-files.ts';
import {
  copyOf,
  dealtSite,
  folderOf,
  initOptions,
  officers,
  refusal,
  sealedSite,
  site,
  TestClock,
} from './setting.ts';

const whole = await sealedSite();
const almost = await dealtSite();
almost.seal.confirmAll(almost.shares.slice(0, 2));

/** Fails each durable step of `work` in turn, before and after it took effect, until it gets through. */
async function atEveryStep(work: (files: FailingFiles, step: number, persists: boolean) => Promise<boolean>) {
  for (const persists of [false, true]) {
    let step = 1;
    while (!(await work(new FailingFiles(), step, persists))) step += 1;
    expect(step, 'the work has durable steps').toBeGreaterThan(3);
  }
}

describe('a crash at every write, fsync and rename', { timeout: 120_000 }, () => {
  test('of init leaves nothing or a whole state, and init run again ends with keys that open', async () => {
    await atEveryStep(async (files, step, persists) => {
      const folder = folderOf();
      const clock = new TestClock();
      const open = () => Seal.open(folder, { site, clock, random: seededRandom(step) });
      files.failAt(step, persists);
      const first = await Seal.init(folder, initOptions(clock, { files: files.port })).catch(() => undefined);
      const after = open().status();
      expect(after.state).toBe('empty');
      expect([undefined, 'init']).toContain(after.ceremony?.kind);
      // a dealt set never lacks its record
      const recorded = open()
        .journalRecords()
        .map((record) => record.ceremony);
      expect(recorded.at(-1)).toBe(after.ceremony?.id);
      if (first !== undefined) return true;
      const { shares } = await Seal.init(folder, initOptions(clock));
      const seal = open();
      seal.confirmAll(shares);
      expect(seal.status().state).toBe('sealed');
      return false;
    });
  });

  test('of the last confirmation leaves the set pending or in force, and holders can finish', async () => {
    await atEveryStep(async (files, step, persists) => {
      const { shares, reopen } = copyOf(almost);
      const seal = reopen({ files: files.port });
      files.failAt(step, persists);
      const last = shares[2] ?? expect.fail('a third share');
      try {
        seal.confirm('wang', last);
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(Fault);
      }
      const again = reopen();
      if (again.status().state === 'empty') again.confirm('wang', last);
      expect(again.status()).toMatchObject({ state: 'sealed', received: [] });
      return false;
    });
  });

  test('of unsealing leaves the site sealed, and the same shares open it afterwards', async () => {
    await atEveryStep(async (files, step, persists) => {
      const { texts, reopen } = copyOf(whole);
      const seal = reopen({ files: files.port });
      files.failAt(step, persists);
      const enter = (at: Seal) => [0, 1].map((i) => at.enterShare(officers[i] ?? '', texts[i] ?? ''));
      try {
        enter(seal);
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(Fault);
      }
      expect(refusal(() => seal.ring()).code).toBe('TB1201');
      const again = reopen();
      expect(again.status().state).toBe('sealed');
      enter(again);
      expect(again.status().state).toBe('unsealed');
      return false;
    });
  });

  test('of a ring change leaves the old or the new ring on disk, and the old one in memory', async () => {
    await atEveryStep(async (files, step, persists) => {
      const { texts, reopen } = copyOf(whole);
      const enter = (at: Seal) => [0, 1].map((i) => at.enterShare(officers[i] ?? '', texts[i] ?? ''));
      const seal = reopen({ files: files.port });
      enter(seal);
      files.failAt(step, persists);
      try {
        seal.replaceRing((ring) => ring.withKey('field', Buffer.alloc(32, 4), 9));
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(Fault);
      }
      expect(seal.ring().has('field')).toBe(false);
      const again = reopen();
      enter(again);
      expect(again.status().epoch).toBe(again.ring().has('field') ? 2 : 1);
      return false;
    });
  });
});

test('with a full disk no ceremony step succeeds, and afterwards it goes on where it was', async () => {
  const { texts, reopen } = await sealedSite();
  const files = new FailingFiles();
  const seal = reopen({ files: files.port });
  seal.enterShare('chen', texts[0] ?? '');
  files.failAt(1, false);
  expect(refusal(() => seal.enterShare('li', texts[1] ?? '')).code).toBe('TB1219');
  expect(seal.status()).toMatchObject({ state: 'unsealing', received: ['chen'] });
  files.heal();
  expect(seal.enterShare('li', texts[1] ?? '').opened).toBe(true);
  files.failAt(1, false);
  expect(refusal(() => seal.replaceRing((ring) => ring.withKey('field', Buffer.alloc(32), 1))).code).toBe(
    'TB1219',
  );
  expect(refusal(() => seal.seal('operator')).code).toBe('TB1219');
  expect(seal.status().state, 'the keys are wiped all the same').toBe('sealed');
});

test('after a rename whose outcome is unknown nothing more is written by this process', async () => {
  const { texts, reopen, folder } = await sealedSite();
  const files = new FailingFiles();
  const seal = reopen({ files: files.port });
  for (let step = 1; ; step += 1) {
    files.failAt(step, true);
    const { code } = refusal(() => seal.enterShare('chen', texts[0] ?? ''));
    files.heal();
    if (code === 'TB1228') break;
    expect(['TB1219', 'TB1227']).toContain(code);
  }
  const before = fs.readFileSync(join(folder, 'seal.state'));
  expect(refusal(() => seal.enterShare('li', texts[1] ?? '')).code).toBe('TB1228');
  expect(fs.readFileSync(join(folder, 'seal.state'))).toEqual(before);
  expect(reopen().status().state).toBe('sealed');
});
