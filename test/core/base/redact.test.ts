import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsSecret, redact, redactText } from '../../../core/base/redact.ts';
import { maskAs, Sensitive } from '../../../core/base/sensitive.ts';

const id = '990101199001010019';
const withX = '99010119900101006X';
const old = '990101900101001';
const phone = '10012345678';

describe('texts', () => {
  test.each([
    [`person ${id} twice`, 'person 9901***9 twice'],
    [`${withX}.`, '9901***X.'],
    [withX.toLowerCase(), '9901***x'],
    [`证件${id}有误`, '证件9901***9有误'],
    [`id=${id}`, 'id=9901***9'],
    [`certno${id}end`, 'certno9901***9end'],
    ['990101 19900101 0019', '9901***9'],
    ['990101-19900101-0019', '9901***9'],
    ['9 9 0 1 0 1 1 9 9 0 0 1 0 1 0 0 1 9', '9901***9'],
    ['９９０１０１１９９００１０１００１９', '9901***9'],
    ['９９０１０１　１９９００１０１　００６Ｘ', '9901***X'],
    [old, '9901***1'],
    [`"${old}"`, '"9901***1"'],
    ['123456789012345678', '1234***8'],
    [`tel ${phone}`, 'tel 100***5678'],
    ['13912345678', '139***5678'],
    ['+86 139 1234 5678', '139***5678'],
    ['0086-13912345678', '139***5678'],
    ['139-1234-5678', '139***5678'],
    ['１３９１２３４５６７８', '139***5678'],
  ])('%j becomes %j', (text, masked) => {
    expect(redactText(text)).toBe(masked);
  });

  test.each([
    'size 1234567, root 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'psn_no 43000012345678901234',
    'took 0.123456789012345 s',
    '2026-11-21T08:00:00.123Z',
    'position 12345678901234 of 99999999999999',
    '430121/enrollment at 127.0.0.1:7443',
    'set 3f0c990101199001010019aa3f0c9901',
    'batch [10000, 20000)',
    'commit 1234567890123456',
  ])('%j stays', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test('no identity number survives in any surroundings that are not digits', () => {
    const surroundings = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .filter((text) => !/[\d０-９]/.test(text));
    fc.assert(
      fc.property(surroundings, surroundings, (before, after) => {
        expect(redactText(before + id + after)).not.toContain(id);
      }),
    );
  });

  test('keys and shares are masked and recognised', () => {
    const share = `tbs1${'q'.repeat(74)}`;
    const identity = ['AGE-SECRET', '-KEY-1', 'Q'.repeat(58)].join('');
    const pem = ['-----BEGIN PRIVATE', ' KEY-----\nMIGH\n-----END PRIVATE', ' KEY-----'].join('');
    for (const secret of [share, share.toUpperCase(), identity, pem]) {
      expect(redactText(`before ${secret} after`)).toBe('before *** after');
      expect(holdsSecret(secret)).toBe(true);
    }
    expect(holdsSecret('tbs1 and 127.0.0.1:7443')).toBe(false);
  });

  // A pattern that backtracks would run into the time-out here.
  test('a text of megabytes is cut, and a text of nothing but digits and blanks is searched once', () => {
    expect(redactText('1 '.repeat(2_000_000)).length).toBeLessThan(20_000);
    expect(redactText('1-'.repeat(8_000)).length).toBeLessThan(20_000);
  });
});

describe('values', () => {
  test('names of fields decide where the value shows no pattern', () => {
    const masked = redact({
      certno: 'A1234567',
      psn_name: '李四',
      tel: 5_551_234,
      token: 'abc',
      seed: Buffer.from('k'),
    });
    expect(masked).toEqual({ certno: '***', psn_name: '***', tel: '***', token: '***', seed: '***' });
  });

  test('a name is masked when it is a Chinese one, and kept when it names a part of the program', () => {
    expect(redact({ name: '王小明' })).toEqual({ name: '王***' });
    expect(redact({ name: 'enrollment', address: '127.0.0.1:7443' })).toEqual({
      name: 'enrollment',
      address: '127.0.0.1:7443',
    });
  });

  test('counts stay numbers of any length, other numbers are searched', () => {
    expect(redact({ bytes: 123_456_789_012_345, size: 10_012_345_678 })).toEqual({
      bytes: 123_456_789_012_345,
      size: 10_012_345_678,
    });
    expect(redact({ who: 10_012_345_678 })).toEqual({ who: '100***5678' });
    expect(redact({ who: BigInt(id) })).toEqual({ who: '9901***9' });
    expect(redact({ lagMs: 1.5, ok: true, none: null, not: undefined })).toEqual({
      lagMs: 1.5,
      ok: true,
      none: null,
    });
  });

  test('errors with causes, maps, sets, arrays and buffers are walked', () => {
    const cause = new Error(`cause ${phone}`);
    const error = Object.assign(new Error(`bad ${id}`, { cause }), { row: { certno: id } });
    const value = {
      error,
      map: new Map([[id, { n: [id] }]]),
      set: new Set([phone]),
      buffer: Buffer.from(id),
    };
    const text = JSON.stringify(redact(value));
    expect(text).not.toContain(id);
    expect(text).not.toContain(phone);
    expect(text).toContain('cause 100***5678');
    expect(text).toContain('[18 bytes]');
  });

  test('circles, depth and throwing members end', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const deep = Array.from({ length: 50 }).reduce<object>((inner) => ({ inner }), {});
    const throwing = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error(id);
      },
    });
    const text = JSON.stringify(
      redact({ circle, deep, throwing, many: Array.from({ length: 500 }, () => 1) }),
    );
    expect(text).toContain('[circular]');
    expect(text).toContain('[deeper]');
    expect(text).toContain('[unreadable: Error]');
    expect(text).toContain('[400 more]');
    expect(text).not.toContain(id);
  });
});

describe('sensitive values', () => {
  test('every way of printing one shows its mask alone', () => {
    const value = new Sensitive(id, 'id');
    const printed = [`${value}`, String(value), JSON.stringify({ value }), inspect({ value }), `${[value]}`];
    for (const text of [...printed, JSON.stringify(redact({ value }))]) {
      expect(text).toContain('9901***9');
      expect(text).not.toContain(id);
    }
    expect(value.reveal()).toBe(id);
  });

  test.each([
    ['name', '王小明', '王***'],
    ['name', '王', '***'],
    ['name', '𠮷野家', '𠮷***'],
    ['id', id, '9901***9'],
    ['id', '12345', '***'],
    ['phone', phone, '100***5678'],
    ['all', 'anything', '***'],
  ] as const)('as %s, %s shows as %s', (masking, text, masked) => {
    expect(maskAs(masking, text)).toBe(masked);
  });
});
