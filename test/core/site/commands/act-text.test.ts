import { expect, test } from 'vitest';
import { actLine, sinceMs } from '../../../../core/site/commands/act-text.ts';

const nowMs = Date.UTC(2026, 10, 22, 12);
const hourMs = 3_600_000;

test.each([
  ['24h', nowMs - 24 * hourMs],
  ['90m', nowMs - 1.5 * hourMs],
  ['7d', nowMs - 7 * 24 * hourMs],
  ['99999d', 0],
  ['all', 0],
  ['2026-11-22', Date.UTC(2026, 10, 22)],
  ['2026-11-22T08:00:00Z', Date.UTC(2026, 10, 22, 8)],
])('--since %s is a time', (text, expected) => {
  expect(sinceMs(text, nowMs)).toBe(expected);
});

test.each(['', 'yesterday', '24', '-1h', '2026-13-01', '2026-11-22T25:00:00Z', '1e9d'])(
  '--since %j is refused by name',
  (text) => {
    expect(() => sinceMs(text, nowMs)).toThrow(expect.objectContaining({ code: 'TB1957' }));
  },
);

test('a line says when, what, who, from where, with which result, to what and why', () => {
  const act = {
    ...{ index: 3, no: 'x', time: '2026-11-22T02:15:30.123Z', kind: 'export', step: 'prove' },
    ...{ actor: 'officer/zhao@430121', fingerprint: 'ab', from: '10.0.0.7', subject: '430121/claims' },
    ...{ result: 'ok', reason: '', detail: 'more' },
  };
  expect(actLine(act)).toBe(
    '2026-11-22T02:15:30.123Z  export/prove  officer/zhao@430121 (10.0.0.7)  ok  430121/claims  more',
  );
  expect(actLine({ ...act, kind: 'journal', detail: 'a signed line' })).not.toContain('signed');
});
