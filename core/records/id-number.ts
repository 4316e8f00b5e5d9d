import { dayNumber } from './calendar.ts';

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const checkCharacters = '10X98765432';
const form18 = /^\d{17}[\dX]$/;
const form15 = /^\d{15}$/;

export interface IdNumber {
  /** 18 characters, upper case; a 15-digit number is already converted. */
  readonly id: string;
  /** It was given in the 15-digit form of before 1999. */
  readonly converted: boolean;
  readonly checkRight: boolean;
  /** Days since 1970-01-01; undefined when the number holds no real date. */
  readonly birth: number | undefined;
  /** GB/T 2261.1: 1 male, 2 female. */
  readonly sex: '1' | '2';
  readonly area: string;
}

/** NFKC folds full-width digits; spaces and hyphens are how people group the digits. */
export function normaliseIdNumber(text: string): string {
  return text.normalize('NFKC').replaceAll(/[\s-]/g, '').toUpperCase();
}

/** GB 11643. Undefined when the text has neither form; otherwise what it says, right or not. */
export function readIdNumber(text: string): IdNumber | undefined {
  const given = normaliseIdNumber(text);
  const converted = form15.test(given);
  const first17 = `${given.slice(0, 6)}19${given.slice(6)}`;
  const id = converted ? first17 + checkCharacter(first17) : given;
  if (!form18.test(id)) return undefined;
  return {
    id,
    converted,
    checkRight: checkCharacter(id) === id[17],
    birth: dayNumber(Number(id.slice(6, 10)), Number(id.slice(10, 12)), Number(id.slice(12, 14))),
    sex: Number(id[16]) % 2 === 1 ? '1' : '2',
    area: id.slice(0, 6),
  };
}

/** ISO 7064 MOD 11-2 over the first 17 digits. */
export function checkCharacter(first17: string): string {
  let sum = 0;
  for (let i = 0; i < 17; i += 1) sum += (first17.charCodeAt(i) - 48) * (weights[i] ?? 0);
  return checkCharacters[sum % 11] ?? '';
}

/** Two-digit province codes of GB/T 2260 by their first digit, and 99 of fixtures. */
const province = /^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]|99)/;
const idRun = /(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])/g;

/**
 * Whether an ID number stands in a text (N01, N02): a run of exactly 18 characters with a province, a real
 * date and the right check character. Longer runs of digits are not searched: of random 20-digit person
 * numbers one in ten thousand would seem to hold an ID number.
 */
export function containsIdNumber(text: string): boolean {
  if (text.length < 18) return false;
  for (const [run] of text.matchAll(idRun)) {
    const found = readIdNumber(run);
    if (found?.checkRight && found.birth !== undefined && province.test(run)) return true;
  }
  return false;
}
