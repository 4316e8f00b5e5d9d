import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printDate } from '../../../core/records/calendar.ts';
import { checkCharacter, containsIdNumber, readIdNumber } from '../../../core/records/id-number.ts';

describe('ID numbers', () => {
  test.each(['990101199001010019', '990101200002291233', '99010119900101006X'])('%s is right', (id) => {
    const read = readIdNumber(id);
    expect(read?.checkRight).toBe(true);
    expect(read?.birth).toBeTypeOf('number');
  });

  test.each(['990101199001010019', '990101200002291233', '99010119900101006X'])(
    'any other last character of %s is wrong',
    (id) => {
      for (const last of '0123456789X') {
        if (last !== id[17]) expect(readIdNumber(id.slice(0, 17) + last)?.checkRight).toBe(false);
      }
    },
  );

  test('full-width digits, spaces, hyphens and a small x are the same number', () => {
    expect(readIdNumber('９９０１０１ 19900101-006x')?.id).toBe('99010119900101006X');
  });

  test('a 15-digit number becomes 18 digits with 19 and the right check character', () => {
    const read = readIdNumber('990101900101001');
    expect(read).toMatchObject({ id: '990101199001010019', converted: true, checkRight: true });
  });

  test('sex and birth date are read from the number', () => {
    const read = readIdNumber('990101200002291233');
    expect(read?.sex).toBe('1');
    expect(printDate(read?.birth ?? 0)).toBe('2000-02-29');
    expect(readIdNumber(withCheck('99010119000229002'))?.birth).toBeUndefined();
  });

  test.each(['', '99010119900101001', '9901011990010100190', '99010119900101O019', 'X90101199001010019'])(
    '"%s" has no form of an ID number',
    (text) => {
      expect(readIdNumber(text)).toBeUndefined();
    },
  );

  test('one wrong digit is always noticed', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^99\d{15}$/),
        fc.nat({ max: 16 }),
        fc.integer({ min: 1, max: 9 }),
        (first17, at, shift) => {
          const id = withCheck(first17);
          const digit = (Number(id[at]) + shift) % 10;
          expect(readIdNumber(id.slice(0, at) + digit + id.slice(at + 1))?.checkRight).toBe(false);
        },
      ),
    );
  });

  test('an ID number is found in a text, and long opaque numbers are not taken for one', () => {
    expect(containsIdNumber('证件990101199001010019。')).toBe(true);
    expect(containsIdNumber('990101199001010019')).toBe(true);
    expect(containsIdNumber('990101199001010018')).toBe(false);
    expect(containsIdNumber('43990101199001010019')).toBe(false);
    expect(containsIdNumber('普通门诊诊查费')).toBe(false);
  });
});

function withCheck(first17: string): string {
  return first17 + checkCharacter(first17);
}
