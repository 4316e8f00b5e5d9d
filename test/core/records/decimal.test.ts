import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDecimal, printDecimal } from '../../../core/records/decimal.ts';

describe('decimals', () => {
  test('a printed amount reads as the same amount, at every scale', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 6 }), (amount, scale) => {
        expect(parseDecimal(printDecimal(amount, scale), scale)).toBe(amount === 0 ? 0 : amount);
      }),
    );
  });

  test.each([
    ['12.34', 2, 1234],
    ['0.07', 2, 7],
    ['-0.00', 2, 0],
    ['+5', 2, 500],
    ['5.', 2, 500],
    ['1.5000', 2, 150],
    ['0.1', 2, 10],
    ['70368744177.67', 2, 7_036_874_417_767],
    ['90071992547409.91', 2, Number.MAX_SAFE_INTEGER],
  ])('%s at scale %i is %i', (text, scale, amount) => {
    expect(parseDecimal(text, scale)).toBe(amount);
  });

  test.each([
    '',
    '.5',
    '1,234.00',
    '1e3',
    '12.3.4',
    ' 1',
    '１２',
    'NaN',
    '90071992547409.92',
    '9'.repeat(30),
  ])('"%s" is no decimal of scale 2', (text) => {
    expect(parseDecimal(text, 2)).toBe('form');
  });

  test('a digit beyond the scale is not rounded away', () => {
    expect(parseDecimal('1.005', 2)).toBe('scale');
    expect(parseDecimal('1.0000001', 6)).toBe('scale');
  });

  test('yuan become fen exactly where a float would not', () => {
    for (let fen = 0; fen < 100_000; fen += 1) {
      const text = `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
      if (parseDecimal(text, 2) !== fen) throw new Error(`${text} is not ${fen} fen`);
    }
  });
});
