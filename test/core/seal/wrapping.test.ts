import { expect, test } from 'vitest';
import { systemRandom } from '../../../core/base/random.ts';
import { ringPlace, rootPlace, unsealKey, unwrap, wrap } from '../../../core/seal/wrapping.ts';

const key = Buffer.alloc(32, 1);
const secret = Buffer.from('a key ring');
const setId = 'ab'.repeat(16);
const here = rootPlace('430121', setId, 4);
const wrapped = wrap(key, secret, here, systemRandom);

test('what was wrapped opens with its key at its place', () => {
  expect(unwrap(key, wrapped, here)).toEqual(secret);
  expect(wrap(key, secret, here, systemRandom)).not.toEqual(wrapped);
});

test('it opens at no other site, set, epoch or kind, with no other key and with no bit changed', () => {
  const places = [
    rootPlace('430122', setId, 4),
    rootPlace('430121', 'ac'.repeat(16), 4),
    rootPlace('430121', setId, 5),
    ringPlace('430121', 4),
  ];
  for (const place of places) expect(unwrap(key, wrapped, place)).toBeUndefined();
  expect(unwrap(Buffer.alloc(32, 2), wrapped, here)).toBeUndefined();
  for (let at = 0; at < wrapped.length; at += 1) {
    const bad = Buffer.from(wrapped);
    bad[at] = (bad[at] ?? 0) ^ 1;
    expect(unwrap(key, bad, here), `byte ${at}`).toBeUndefined();
  }
  for (let end = 0; end < wrapped.length; end += 1)
    expect(unwrap(key, wrapped.subarray(0, end), here)).toBeUndefined();
});

test('the bound place and the derived key have the published form', () => {
  const length = (n: number) => Buffer.from([0, n]);
  const u64 = Buffer.from([0, 0, 0, 0, 0, 0, 0, 4]);
  const parts = [length(14), 'tongbu/ring/v1', length(6), '430121', length(8), u64];
  expect(ringPlace('430121', 4)).toEqual(Buffer.concat(parts.map((part) => Buffer.from(part))));
  // as `openssl kdf … HKDF` derives it from the same key, salt and info
  expect(Buffer.from(unsealKey(key, setId)).toString('hex')).toBe(
    'a3b3bcb360395233ac2437c014a29ab79f3adcfbd854ad555c7511bb92f8b716',
  );
});
