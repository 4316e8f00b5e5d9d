import fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayWidth, padStart, printable, wrap } from '../../../core/cli/display-width.ts';
import { formatBytes, formatCount, formatDuration, formatTable } from '../../../core/cli/table.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be printed
const escapes = /[\u001b\r\u202e]/;

test('columns align by what a terminal shows', () => {
  const table = formatTable(
    [{ title: '站点' }, { title: 'name' }, { title: '条目', align: 'right' }],
    [
      ['430121', '长沙县', '12,345'],
      ['430000', 'Hunan', '7'],
    ],
  );
  expect(table.split('\n')).toEqual([
    '站点    name      条目',
    '──────  ──────  ──────',
    '430121  长沙县  12,345',
    '430000  Hunan        7',
  ]);
});

test('a cell can not move the cursor, colour the terminal or break the line', () => {
  const table = formatTable([{ title: 'x' }], [['a\u001b[31m\nb\r\u202ec']]);
  expect(table.split('\n')).toHaveLength(3);
  expect(table).not.toMatch(escapes);
  expect(printable('a\tb')).toBe('a?b');
});

test('wrapped lines fit, lose nothing but blanks, and never begin with a closing mark', () => {
  const unit = fc.constantFrom('长', '沙', 'ab', ' ', '。', '\uff0c', 'x,', '县', '(1)');
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 60 }), fc.integer({ min: 12, max: 40 }), (units, width) => {
      const text = units.join('');
      // A mark that stands alone, or a word wider than the line, can't be helped.
      fc.pre(!/[^\s\u4e00-\u9fff]{8}|(^|\s)[。\uff0c]/.test(text));
      const wrapped = wrap(text, width);
      expect(wrapped.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
      for (const line of wrapped.split('\n').slice(1)) expect(line).not.toMatch(/^[。\uff0c]/);
      for (const line of wrapped.split('\n')) expect(displayWidth(line.trim())).toBeLessThanOrEqual(width);
    }),
  );
});

test.each([
  [0, '0 s'],
  [4_400, '4 s'],
  [200_000, '3 min 20 s'],
  [7_200_000, '2 h'],
  [7_500_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
  [-5, '0 s'],
])('%i ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_500, '1.5 kB'],
  [999_600, '1.0 MB'],
  [12_345_678_901, '12.3 GB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('counts have separators, and right alignment counts columns', () => {
  expect(formatCount(1_234_567.4)).toBe('1,234,567');
  expect(padStart('长沙', 6)).toBe('  长沙');
});
