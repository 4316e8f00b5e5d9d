import fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSecretFile, replaceSecretFile } from '../../../core/seal/secret-file.ts';
import { FailingFiles } from './failing-files.ts';
import { folderOf, refusal } from './setting.ts';

test('a file is replaced by writing beside it, fsync, rename and fsync of the folder, in this order', () => {
  const files = new FailingFiles();
  const path = join(folderOf(), 'seal.state');
  replaceSecretFile(files.port, path, Buffer.from('one'));
  const own = ['openSync', 'writeSync', 'fsyncSync', 'closeSync'];
  expect(files.log).toEqual([...own, 'renameSync', 'openSync', 'fsyncSync', 'closeSync']);
  expect(readSecretFile(fs, path, 10)?.toString()).toBe('one');
});

test('a failure before the rename keeps the old content, one after it is told as unknown', () => {
  const path = join(folderOf(), 'seal.state');
  const codes: string[] = [];
  for (let step = 1; step <= 8; step += 1) {
    replaceSecretFile(fs, path, Buffer.from('old'));
    const files = new FailingFiles();
    files.failAt(step, false);
    codes.push(refusal(() => replaceSecretFile(files.port, path, Buffer.from('new'))).code);
    expect(fs.readFileSync(path, 'latin1')).toBe(step <= 5 ? 'old' : 'new');
  }
  expect(codes).toEqual([...Array(4).fill('TB1227'), ...Array(4).fill('TB1228')]);
});

test('a file that is longer than it may be, or can not be read, is refused; a missing one is told', () => {
  const folder = folderOf();
  const path = join(folder, 'seal.state');
  expect(readSecretFile(fs, path, 10)).toBeUndefined();
  fs.writeFileSync(path, 'eleven byte', { mode: 0o600 });
  expect(refusal(() => readSecretFile(fs, path, 10))).toEqual({
    code: 'TB1217',
    parameters: { path, reason: 'size' },
  });
  expect(refusal(() => readSecretFile(fs, folder, 1e6))).toEqual({
    code: 'TB1003',
    parameters: { path: folder },
  });
});
