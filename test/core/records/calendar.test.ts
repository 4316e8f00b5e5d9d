import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayOf, parseDate, parseDateTime, printDate, printDateTime } from '../../../core/records/calendar.ts';

const dayMs = 86_400_000;
const first = Date.UTC(1800, 0, 1) / dayMs;
const last = Date.UTC(2199, 11, 31) / dayMs;

describe('dates and times', () => {
  test('every day from 1800 to 2199 reads back from its print, and agrees with the platform calendar', () => {
    for (let day = first; day <= last; day += 1) {
      const text = printDate(day);
      if (text !== new Date(day * dayMs).toISOString().slice(0, 10) || parseDate(text) !== day) {
        throw new Error(`${day} prints as ${text}`);
      }
    }
  });

  test('a printed time reads as the same instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: first * dayMs + dayMs, max: last * dayMs }), (ms) => {
        expect(parseDateTime(printDateTime(ms))).toBe(ms);
      }),
    );
  });

  test.each([
    ['2016-01-02', '2016-01-02'],
    ['2016/1/2', '2016-01-02'],
    ['20160102', '2016-01-02'],
    ['2000-02-29', '2000-02-29'],
  ])('%s is the day %s', (text, printed) => {
    expect(printDate(parseDate(text) ?? Number.NaN)).toBe(printed);
  });

  test.each([
    '2016-02-30',
    '1900-02-29',
    '2016-13-01',
    '2016-1-2',
    '20160132',
    '1799-12-31',
    '0000-00-00',
    '2016',
  ])('%s is no day', (text) => {
    expect(parseDate(text)).toBeUndefined();
  });

  test.each([
    ['2016-01-02 08:30:05', '2016-01-02T08:30:05+08:00'],
    ['2016-01-02T00:30:05Z', '2016-01-02T08:30:05+08:00'],
    ['2016-01-02T01:30:05+01:00', '2016-01-02T08:30:05+08:00'],
    ['2016/1/2 8:30', '2016-01-02T08:30:00+08:00'],
    ['20160102083005', '2016-01-02T08:30:05+08:00'],
    ['2016-01-02', '2016-01-02T00:00:00+08:00'],
    ['2016-01-02 08:30:05.120', '2016-01-02T08:30:05.120+08:00'],
  ])('%s is the instant %s', (text, printed) => {
    expect(printDateTime(parseDateTime(text) ?? Number.NaN)).toBe(printed);
  });

  test.each(['2016-01-02 24:00:00', '2016-01-02 08:60:00', '2016-02-30 08:00:00', '20160102246000', 'now'])(
    '%s is no instant',
    (text) => {
      expect(parseDateTime(text)).toBeUndefined();
    },
  );

  test('an instant belongs to the day of the zone +08:00', () => {
    expect(printDate(dayOf(Date.UTC(2026, 0, 1, 15, 59)))).toBe('2026-01-01');
    expect(printDate(dayOf(Date.UTC(2026, 0, 1, 16, 0)))).toBe('2026-01-02');
  });
});
