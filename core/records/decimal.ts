/** `form`: not a decimal number, or too large to be exact; `scale`: more decimals than the field has. */
export type DecimalFault = 'form' | 'scale';

/** 15 digits are exact in a double whatever they are; longer ones are compared as bigint. */
const exactDigits = 15;
const decimalForm = /^[+-]?\d{1,24}(\.\d{0,24})?$/;

/**
 * Reads `12.34` as 1234 (scale 2) digit by digit; no float is ever made of it. Trailing zeros beyond the
 * scale are accepted, other digits there are not (S09).
 */
export function parseDecimal(text: string, scale: number): number | DecimalFault {
  if (!decimalForm.test(text)) return 'form';
  const negative = text.charCodeAt(0) === 0x2d;
  const start = negative || text.charCodeAt(0) === 0x2b ? 1 : 0;
  const point = text.indexOf('.');
  const whole = point < 0 ? text.slice(start) : text.slice(start, point);
  const decimals = point < 0 ? '' : text.slice(point + 1);
  for (let i = scale; i < decimals.length; i += 1) if (decimals.charCodeAt(i) !== 0x30) return 'scale';
  const digits = whole + decimals.slice(0, scale).padEnd(scale, '0');
  const amount = Number(digits);
  if (digits.length > exactDigits && !(Number.isSafeInteger(amount) && BigInt(digits) === BigInt(amount))) {
    return 'form';
  }
  return negative && amount !== 0 ? -amount : amount;
}

/** Prints 1234 at scale 2 as `12.34`: always all decimals. */
export function printDecimal(amount: number, scale: number): string {
  if (scale === 0) return String(amount);
  const digits = String(Math.abs(amount)).padStart(scale + 1, '0');
  const sign = amount < 0 ? '-' : '';
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
