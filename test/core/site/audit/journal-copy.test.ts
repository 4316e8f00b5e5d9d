import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../core/base/random.ts';
import { JournalKey } from '../../../../core/seal/journal-key.ts';
import { type JournalRecord, journalStart, printRecord } from '../../../../core/seal/journal-record.ts';
import {
  brokenJournalAt,
  grouped,
  journalActs,
  ungrouped,
} from '../../../../core/site/audit/journal-copy.ts';
import { writeOpening } from '../../../../core/site/audit/opening-acts.ts';
import { AuditSetting } from '../../../support/audit-setting.ts';

const site = '430121';
const key = new JournalKey('430121.hunan.example/journal', seededRandom(7).bytes(32));

/** A journal of `count` records; another `salt` gives another history. */
function journal(count: number, salt = 0): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (let i = 0; i < count; i += 1) {
    const previous = records.at(-1)?.hash ?? journalStart;
    const timeMs = 1_790_000_000_000 + i * 1_000 + salt;
    const entry = { timeMs, ceremony: 'ab'.repeat(16), step: 'share', officer: 'zhao', result: 'ok' };
    records.push(printRecord(entry, i, previous, site, key));
  }
  return records;
}

let setting: AuditSetting;
beforeEach(() => {
  setting = new AuditSetting(site);
});
afterEach(() => setting.close());

function opening(records: readonly JournalRecord[]): void {
  const parts = { audit: setting.audit, acts: () => setting.acts };
  writeOpening(parts, { site, version: '1', journal: records, startedMs: 1_790_000_000_000 });
}

function journalLines(): string[] {
  return setting
    .all()
    .filter(({ kind }) => kind === 'journal')
    .map(({ detail }) => ungrouped(detail));
}

describe('at an unsealing', () => {
  test('every record of the journal is in audit once, letter by letter, however often it is opened', () => {
    const records = journal(40);
    opening(records.slice(0, 10));
    opening(records.slice(0, 10));
    opening(records);
    expect(journalLines()).toEqual(records.map(({ line }) => line));
    expect(brokenJournalAt(journalLines())).toBeUndefined();
  });

  test('the restart and the unsealing stand behind the journal', () => {
    opening(journal(2));
    expect(setting.steps()).toEqual([
      'journal/share ok',
      'journal/share ok',
      'restart/started ok',
      'restart/unsealed ok',
    ]);
  });

  const held = journal(5);
  test.each([
    ['a shorter journal', journal(4)],
    ['no journal', []],
    ['a journal of another history', journal(8, 1)],
    ['a journal rewritten at its end', [...held.slice(0, 4), journal(5, 1)[4] as JournalRecord]],
  ])('%s is refused, and nothing of the opening is written', (_what, records) => {
    opening(held);
    const before = setting.steps();
    expect(() => opening(records)).toThrow(expect.objectContaining({ code: 'TB1950' }));
    expect(setting.steps()).toEqual(before);
  });

  test('a disk that is full is refused, so that the site stays sealed', () => {
    setting.fill();
    expect(() => opening(journal(1))).toThrow(expect.objectContaining({ code: 'TB1219' }));
    expect(setting.steps()).toEqual([]);
  });
});

describe('a line', () => {
  test('comes through the masking of identity data unchanged, whatever its hashes look like', () => {
    // A previous hash that holds what looks like an ID number and a telephone number.
    const previous = `990101199001011237${'a'.repeat(10)}13812345678${'b'.repeat(25)}`;
    const entry = { timeMs: 1_790_000_000_000, ceremony: '-', step: 'share', officer: 'zhao', result: 'ok' };
    const record = printRecord(entry, 0, previous, site, key);
    setting.audit.write(...journalActs(site, [record], setting.acts));
    expect(journalLines()).toEqual([record.line]);
  });

  test('is what it was after grouping and ungrouping', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-zA-Z +/=-]{0,120}$/), (line) => {
        expect(ungrouped(grouped(line))).toBe(line);
        expect(grouped(line)).not.toMatch(/\d{5}/);
      }),
    );
  });

  test('that is missing, changed or moved is found by its index', () => {
    const lines = journal(6).map(({ line }) => grouped(line));
    const without = lines.filter((_line, i) => i !== 3);
    expect(brokenJournalAt(without)).toBe(3);
    expect(brokenJournalAt(lines.slice(1))).toBe(0);
    const changed = lines.map((line, i) => (i === 2 ? line.replace('zhao', 'qian') : line));
    expect(brokenJournalAt(changed)).toBe(3);
    expect(brokenJournalAt([...lines.slice(0, 2), '***'])).toBe(2);
  });
});
