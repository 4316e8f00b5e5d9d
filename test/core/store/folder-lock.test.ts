import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderLock } from '../../../core/store/folder-lock.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';
import { faultOf } from '../log/support.ts';

const source = join(import.meta.dirname, '../../../core/store/folder-lock.ts');
let folder: TemporaryFolder;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = new TemporaryFolder();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  folder.remove();
});

/** Another process that takes the lock, says so, and keeps it until it is ended. */
async function holder() {
  const program = `
    const { FolderLock } = await import(${JSON.stringify(source)});
    try {
      FolderLock.take(${JSON.stringify(folder.path)});
      globalThis.gc();
      console.log('held');
      setInterval(() => {}, 1000);
    }
    catch (error) { console.log(error.code); }`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

test('a folder in use by another process is refused, and free again when that is killed', async () => {
  const { child, said } = await holder();
  expect(said).toBe('held');
  expect(faultOf(() => FolderLock.take(folder.path))).toMatchObject({
    code: 'TB1109',
    parameters: { path: folder.path },
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = FolderLock.take(folder.path);
  const second = await holder();
  expect(second.said).toBe('TB1109');
  lock.release();
  const third = await holder();
  expect(third.said).toBe('held');
  third.child.kill('SIGKILL');
  await once(third.child, 'exit');
});

test('within a process the folder is held once too, and asking twice loosens nothing', async () => {
  const lock = FolderLock.take(folder.path);
  expect(faultOf(() => FolderLock.take(folder.path)).code).toBe('TB1109');
  expect((await holder()).said).toBe('TB1109');
  lock.release();
  FolderLock.take(folder.path).release();
});
