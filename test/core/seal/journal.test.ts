import fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Journal } from '../../../core/seal/journal.ts';
import { JournalKey } from '../../../core/seal/journal-key.ts';
import { parseRecord, signatureIsValid } from '../../../core/seal/journal-record.ts';
import { FailingFiles } from './failing-files.ts';
import { folderOf, refusal, sealedSite, site } from './setting.ts';

const key = new JournalKey('hunan.example/journal/430121', Buffer.alloc(32, 5));
const entry = { timeMs: 5, ceremony: '-', step: 'share', officer: 'chen', result: 'ok' };

function written(count: number): { path: string; journal: Journal } {
  const path = join(folderOf(), 'journal');
  const journal = Journal.open(path, site, key, fs);
  for (let i = 0; i < count; i += 1) journal.append({ ...entry, timeMs: i });
  return { path, journal };
}

const open = (path: string) => Journal.open(path, site, key, fs);

test('records are chained, signed one by one, and read back', () => {
  const { path, journal } = written(3);
  const again = open(path);
  expect(again.records()).toEqual(journal.records());
  expect(again.head()).toBe(journal.head());
  for (const record of again.records()) {
    expect(signatureIsValid(record, site, key.verifier)).toBe(true);
    expect(signatureIsValid(record, '430122', key.verifier)).toBe(false);
    expect(again.contains(record.hash)).toBe(true);
  }
  expect(again.records(2).map((record) => record.index)).toEqual([2]);
  expect(again.contains('ab'.repeat(32))).toBe(false);
});

test('a record changed, left out, doubled or put elsewhere is refused at start', () => {
  const { path } = written(4);
  const lines = fs.readFileSync(path, 'latin1').split('\n').slice(0, -1);
  const [a = '', b = '', c = '', d = ''] = lines;
  const variants = [
    [a, c, d],
    [b, c, d],
    [a, b, b, c, d],
    [a, c, b, d],
    [a, b, c, d.replace('chen', 'wang')],
    [a, b.replace(' ok ', ' no '), c, d],
    [a, b, c, ''],
    [a, b, c, `${d} `],
  ];
  for (const variant of variants) {
    fs.writeFileSync(path, `${variant.join('\n')}\n`, { mode: 0o600 });
    expect(refusal(() => open(path)).code).toBe('TB1217');
  }
});

test('a rewritten journal is noticed by the officer who saw the old head', () => {
  const { path, journal } = written(3);
  const seen = journal.head();
  const lines = fs.readFileSync(path, 'latin1').split('\n');
  fs.writeFileSync(path, `${lines.slice(0, 2).join('\n')}\n`, { mode: 0o600 });
  const cut = open(path);
  expect(cut.contains(seen)).toBe(false);
  cut.append({ ...entry, officer: 'wang' });
  expect(open(path).contains(seen)).toBe(false);
});

test('a record torn by a crash was never answered for: it is dropped and written over', () => {
  const { path, journal } = written(2);
  const whole = fs.readFileSync(path);
  const third = journal.append(entry);
  for (const length of [1, 50, third.line.length]) {
    fs.writeFileSync(path, Buffer.concat([whole, Buffer.from(third.line.slice(0, length))]), { mode: 0o600 });
    const again = open(path);
    expect(again.records()).toHaveLength(2);
    again.append({ ...entry, officer: 'li' });
    expect(
      open(path)
        .records()
        .map((record) => record.officer),
    ).toEqual(['chen', 'chen', 'li']);
  }
});

test('when a record cannot be written, the next one follows the last durable one', () => {
  for (const persists of [false, true]) {
    for (let step = 1; ; step += 1) {
      const files = new FailingFiles();
      const path = join(folderOf(), 'journal');
      const journal = Journal.open(path, site, key, files.port);
      journal.append(entry);
      files.failAt(step, persists);
      try {
        journal.append({ ...entry, officer: 'an-officer-with-a-longer-name' });
      } catch {
        files.heal();
        expect(journal.records()).toHaveLength(1);
        journal.append({ ...entry, officer: 'wang' });
        expect(
          open(path)
            .records()
            .map((record) => record.officer),
        ).toEqual(['chen', 'wang']);
        continue;
      }
      expect(step).toBeGreaterThan(4);
      break;
    }
  }
});

test('a record is on the disk before it counts, and the first one also by name', () => {
  const files = new FailingFiles();
  const journal = Journal.open(join(folderOf(), 'journal'), site, key, files.port);
  const own = ['openSync', 'ftruncateSync', 'writeSync', 'fsyncSync', 'closeSync'];
  journal.append(entry);
  journal.append(entry);
  expect(files.log).toEqual([...own, 'openSync', 'fsyncSync', 'closeSync', ...own]);
});

test('a line of any other form is no record', () => {
  const { journal } = written(1);
  const line = journal.records()[0]?.line ?? '';
  expect(parseRecord(line)).toEqual(journal.records()[0]);
  for (const bad of ['', ` ${line}`, `${line} `, line.replace('0 ', '00 '), line.replace('==', '=')]) {
    expect(parseRecord(bad)).toBeUndefined();
  }
});

test('every step of a ceremony and every refusal of a share stands in the journal', async () => {
  const { seal, texts } = await sealedSite();
  seal.enterShare('chen', texts[0] ?? '');
  refusal(() => seal.enterShare('chen', texts[0] ?? ''));
  seal.enterShare('li', texts[1] ?? '');
  seal.seal('operator');
  const steps = seal.journalRecords().map(({ step, officer, result }) => `${step} ${officer} ${result}`);
  expect(steps).toEqual([
    'dealt operator epoch-1',
    'confirmed chen ok',
    'confirmed li ok',
    'confirmed wang ok',
    'activated - epoch-1',
    'share chen ok',
    'refused chen TB1214',
    'share li ok',
    'unsealed li ok',
    'sealed operator ok',
  ]);
});
