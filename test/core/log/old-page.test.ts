import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { verifyLog } from '../../../core/log/verify-log.ts';
import { contentDigest } from '../../../core/store/content-digest.ts';
import { append, bounds, enrollment, numbered, openOwn, signerOf } from '../../support/log-setting.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';

const pageBytes = 4_096;
let folder: TemporaryFolder;
let path: string;

beforeEach(() => {
  folder = TemporaryFolder.inMemory();
  path = folder.file('site.db');
});
afterEach(() => folder.remove());

/** The file after so many more entries, closed, so that nothing waits in a write-ahead log. */
function grown(from: number, end: number): Buffer {
  const own = openOwn(path);
  append(own, numbered(from, end));
  own.log.cut(bounds);
  own.database.close();
  return readFileSync(path);
}

/** What SQLite says of the file, and what the log's root says. */
function judged(): { readonly pages: string; readonly log: string; readonly content: string } {
  const own = openOwn(path);
  try {
    const pages = own.database.prepare<{ integrity_check: string }>('PRAGMA integrity_check').get();
    const state = own.store.find(enrollment);
    const verdict = state && verifyLog(own.store, state, signerOf(enrollment).verifier, undefined, () => {});
    const log = verdict && !verdict.bad ? `${verdict.size} ${verdict.signed}` : 'bad';
    return { pages: pages?.integrity_check ?? '', log, content: contentDigest(own.database).digest };
  } catch (error) {
    if (error instanceof Fault) return { pages: 'ok', log: error.code, content: '' };
    throw error;
  } finally {
    own.database.close();
  }
}

test('an old page put back passes all checks of pages, and the root of the log finds it (trap 29)', () => {
  const before = grown(0, 300);
  const after = grown(300, 600);
  writeFileSync(path, after);
  const sound = judged();
  expect(sound).toMatchObject({ pages: 'ok', log: '600 600' });
  const unnoticed: number[] = [];
  const found: string[] = [];
  for (let at = 0; at < before.length; at += pageBytes) {
    const page = before.subarray(at, at + pageBytes);
    if (at === 0 || page.equals(after.subarray(at, at + pageBytes))) continue;
    writeFileSync(path, Buffer.concat([after.subarray(0, at), page, after.subarray(at + pageBytes)]));
    const verdict = judgedOrRefused();
    // What SQLite finds itself, and pages that differ in nothing but their rubble.
    if (verdict?.pages !== 'ok' || verdict.content === sound.content) continue;
    if (verdict.log === '600 600') unnoticed.push(at / pageBytes);
    else found.push(verdict.log);
  }
  expect(found.length).toBeGreaterThan(0);
  expect(unnoticed).toEqual([]);
});

/** Undefined when SQLite itself finds that the pages do not fit each other. */
function judgedOrRefused(): ReturnType<typeof judged> | undefined {
  try {
    return judged();
  } catch {
    return undefined;
  }
}
