import { assert } from '../core/base/assert.ts';

const consonants = 'bdfghjklmnprstvz';
const vowels = 'aiou';

/**
 * The first 96 bits of a digest in eight syllabic words, to be read over the telephone and compared by ear:
 * `bako lisu …`, the same in every language. Each word has 12 bits: consonant, vowel, consonant, vowel. There
 * are no digits in it, so that nothing takes it for an ID number and masks it. Whoever wants other keys with
 * the same words has to try 2^96 of them.
 */
export function keyWords(digest: Uint8Array): string {
  assert(digest.length === 32, 'the words of a SHA-256 digest');
  let bits = 0n;
  for (const byte of digest.subarray(0, 12)) bits = (bits << 8n) | BigInt(byte);
  return Array.from({ length: 8 }, (_none, i) => word(Number((bits >> BigInt(84 - 12 * i)) & 0xfffn))).join(
    ' ',
  );
}

function word(bits: number): string {
  const syllable = (six: number) => `${consonants[six >> 2]}${vowels[six & 3]}`;
  return syllable(bits >> 6) + syllable(bits & 0x3f);
}
