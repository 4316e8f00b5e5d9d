/*
 * Numbers and base64 of signed texts have exactly one spelling. Node's own decoders take missing padding,
 * blanks, stray bits, leading zeros and signs, so two texts could mean the same and hash differently.
 */

/** A decimal of at most 2^53 − 1 without sign or leading zeros; undefined for anything else. */
export function canonicalDecimal(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Padded standard base64 of any bytes, or of exactly `length`; undefined for anything else. */
export function canonicalBase64(text: string, length?: number): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) return undefined;
  return length === undefined || bytes.length === length ? bytes : undefined;
}
