import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../../core/base/errors.ts';
import { RotationSetting } from '../../../support/rotation-setting.ts';
import { until } from '../../../support/until.ts';

let setting: RotationSetting;
let before: Record<string, string>;

beforeEach(async () => {
  setting = await RotationSetting.make();
  before = setting.contents();
});

function opensWith(key: Uint8Array): boolean {
  try {
    return Object.keys(setting.contents(key)).length > 0;
  } catch (error) {
    if (error instanceof Fault && error.code === 'TB1103') return false;
    throw error;
  }
}

describe('a rotation', () => {
  test('gives every file of the site the new key, and then drops the old one from the ring', async () => {
    const old = Uint8Array.from(setting.seal.ring().key('db'));
    const rotation = setting.rotation();
    rotation.begin();
    expect(setting.keys()).toEqual(['1 retired', '2 active']);
    expect(setting.contents()).toEqual(before);
    await rotation.run();
    expect(rotation.progress()).toMatchObject({
      state: 'finished',
      keyEpoch: 2,
      files: 4,
      done: 4,
      problems: [],
    });
    expect(rotation.progress().found.map(({ file, rows, changed }) => `${file} ${rows} ${changed}`)).toEqual([
      'hub 20 true',
      'ledger/430105 20 true',
      'ledger/430121 20 true',
      'records/430121 20 true',
    ]);
    expect(setting.keys()).toEqual(['2 active']);
    expect(setting.contents()).toEqual(before);
    expect(opensWith(old)).toBe(false);
    const steps = setting.seal.journalRecords().map(({ step }) => step);
    expect(steps.filter((step) => step === 'ring-replaced')).toHaveLength(2);
  });

  test('that the process did not live to begin is found by the next opening, and finished', async () => {
    setting.rotation().begin();
    setting.restart();
    const next = setting.rotation();
    expect(next.pending).toBe(true);
    await next.run();
    expect(setting.keys()).toEqual(['2 active']);
    expect(setting.contents()).toEqual(before);
    expect(next.pending).toBe(false);
  });

  test('that is stopped half-way leaves every file to one of the keys in the ring', async () => {
    const rotation = setting.rotation();
    rotation.begin();
    const running = rotation.run();
    const ended = expect(running).rejects.toMatchObject({ code: 'TB1018' });
    await until('one file is done', () => rotation.progress().done > 0);
    await rotation.stop();
    await ended;
    expect(rotation.progress()).toMatchObject({ state: 'unfinished' });
    expect(setting.keys()).toEqual(['1 retired', '2 active']);
    setting.restart();
    expect(setting.contents()).toEqual(before);
    await setting.rotation().run();
    expect(setting.keys()).toEqual(['2 active']);
    expect(setting.contents()).toEqual(before);
  });

  test('that begins while another is unfinished ends with one key for all', async () => {
    for (let i = 0; i < 3; i += 1) setting.rotation().begin();
    expect(setting.keys()).toEqual(['1 retired', '2 retired', '3 retired', '4 active']);
    expect(setting.contents()).toEqual(before);
    await setting.rotation().run();
    expect(setting.keys()).toEqual(['4 active']);
    expect(setting.contents()).toEqual(before);
  });
});

describe('a file that can not be given the key', () => {
  test('is named, keeps the old key in the ring, and hinders no other file', async () => {
    const path = join(setting.folder.ledger, '430105.db');
    const good = readFileSync(path);
    writeFileSync(path, Buffer.concat([good.subarray(0, 4_096), Buffer.alloc(good.length - 4_096, 0x55)]));
    const rotation = setting.rotation();
    rotation.begin();
    await rotation.run();
    expect(rotation.progress()).toMatchObject({ state: 'unfinished', files: 4, done: 3, current: '' });
    const [problem] = rotation.progress().problems;
    expect([problem?.file, problem?.fault.code]).toEqual(['ledger/430105', 'TB1104']);
    expect(setting.keys()).toEqual(['1 retired', '2 active']);
    writeFileSync(path, good);
    setting.restart();
    await setting.rotation().run();
    expect(setting.keys()).toEqual(['2 active']);
    expect(setting.contents()).toEqual(before);
  });

  test('because it is of another site keeps the old key too', async () => {
    const stranger = await RotationSetting.make();
    const other = stranger.rotation();
    other.begin();
    await other.run();
    writeFileSync(
      join(setting.folder.records, 'put-aside.db'),
      readFileSync(join(stranger.folder.ledger, '430121.db')),
    );
    const rotation = setting.rotation();
    rotation.begin();
    await rotation.run();
    const [problem] = rotation.progress().problems;
    expect([problem?.file, problem?.fault.code]).toEqual(['records/put-aside', 'TB1103']);
    expect(setting.keys()).toEqual(['1 retired', '2 active']);
  });
});
