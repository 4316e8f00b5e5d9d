import { bech32m } from '@scure/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { parseShareText, printShareText } from '../../../core/seal/share-text.ts';
import { refusal } from './setting.ts';

const share = { setId: '3f0c'.repeat(8), holder: 2, value: Buffer.alloc(32, 0xa5) };
const text = printShareText(share);
const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const malformed = (candidate: string) => refusal(() => parseShareText(candidate, 'li'));

test('78 characters give back set, holder and share, also in upper case and with blanks around', () => {
  expect(text).toMatch(/^tbs1[a-z0-9]{74}$/);
  const expected = { setPrefix: share.setId.slice(0, 16), holder: 2, value: Uint8Array.from(share.value) };
  expect(parseShareText(text, 'li')).toEqual(expected);
  expect(parseShareText(` ${text.toUpperCase()}\n`, 'li')).toEqual(expected);
});

test('every single wrong character is refused by name of the officer', () => {
  for (let at = 0; at < text.length; at += 1) {
    for (const other of `${alphabet}b1io`) {
      if (other === text[at]) continue;
      const wrong = text.slice(0, at) + other + text.slice(at + 1);
      expect(malformed(wrong)).toEqual({ code: 'TB1209', parameters: { officer: 'li' } });
    }
  }
});

test('every swap of neighbours, missing or doubled character and mixed case is refused', () => {
  for (let at = 0; at + 1 < text.length; at += 1) {
    const [a = '', b = ''] = text.slice(at, at + 2);
    if (a !== b) expect(malformed(text.slice(0, at) + b + a + text.slice(at + 2)).code).toBe('TB1209');
    expect(malformed(text.slice(0, at) + text.slice(at + 1)).code).toBe('TB1209');
    expect(malformed(text.slice(0, at) + a + text.slice(at)).code).toBe('TB1209');
  }
  expect(malformed(text.slice(0, 40).toUpperCase() + text.slice(40)).code).toBe('TB1209');
});

test('a text with a right checksum but another prefix, version, length or holder 0 is refused', () => {
  const encode = (prefix: string, payload: Uint8Array) =>
    bech32m.encode(prefix, bech32m.toWords(payload), 200);
  const payload = Buffer.concat([Buffer.from([1]), Buffer.alloc(8), Buffer.from([1]), Buffer.alloc(32)]);
  expect(parseShareText(encode('tbs', payload), 'li').holder).toBe(1);
  const changed = (at: number, value: number) => Buffer.from(payload).fill(value, at, at + 1);
  const wrong = [
    encode('tbt', payload),
    encode('tbs', changed(0, 2)),
    encode('tbs', changed(9, 0)),
    encode('tbs', payload.subarray(1)),
    encode('tbs', Buffer.concat([payload, payload])),
  ];
  for (const candidate of wrong) expect(malformed(candidate).code).toBe('TB1209');
});

test('any text is either a share or refused with a typed error that does not quote it', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 100 }), (candidate) => {
      try {
        parseShareText(candidate, 'li');
      } catch (error) {
        expect(error).toBeInstanceOf(Fault);
        expect((error as Fault).cause).toBeUndefined();
      }
    }),
  );
});
