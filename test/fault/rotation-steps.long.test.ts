import { describe, expect, test } from 'vitest';
import { FailingFiles } from '../core/seal/failing-files.ts';
import { RotationSetting } from '../support/rotation-setting.ts';

/*
 * Each changing call by which the seal writes the ring fails, at the beginning and at the end of a rotation
 * of database keys, before or after it took effect. The process is gone then; the next one opens every file
 * with the ring that it finds, and ends with one key for all of them.
 */
describe.each([false, true])('a rotation whose seal fails at a write that persisted: %s', (persists) => {
  test('leaves every file to a key of the ring, at each write', async () => {
    const setting = await RotationSetting.make(3, ['hub']);
    const before = setting.contents();
    const outcomes = new Set<string>();
    for (let call = 1; ; call += 1) {
      const files = new FailingFiles();
      setting.restart(files.port);
      files.failAt(call, persists);
      const rotation = setting.rotation();
      let failed = false;
      try {
        rotation.begin();
        await rotation.run();
        failed = rotation.progress().state !== 'finished';
      } catch {
        failed = true;
      }
      files.heal();
      setting.restart();
      expect(setting.contents()).toEqual(before);
      outcomes.add(
        setting
          .keys()
          .map((key) => key.split(' ')[1])
          .join(' '),
      );
      const next = setting.rotation();
      if (next.pending) await next.run();
      expect(setting.keys()).toHaveLength(1);
      expect(setting.contents()).toEqual(before);
      if (!failed) {
        expect(call).toBeGreaterThan(12);
        break;
      }
    }
    // Nothing had happened; the new key was there; the old one was gone.
    expect([...outcomes].sort()).toEqual(['active', 'retired active']);
  }, 240_000);
});
