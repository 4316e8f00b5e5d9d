import { maskAs, Sensitive } from './sensitive.ts';

/**
 * Takes personal data and secrets out of anything that is about to be printed: the last net under I9, not
 * a licence to pass them on. Texts are masked by pattern, fields by name as well.
 */

/** Identity numbers with a plausible date of birth, blanks and hyphens allowed, in any surroundings. */
const digit = String.raw`(?:\d[ -]?)`;
const month = '(?:0[ -]?[1-9]|1[ -]?[0-2])[ -]?';
const day = String.raw`(?:0[ -]?[1-9]|[12][ -]?\d|3[ -]?[01])[ -]?`;
const year = `(?:1[ -]?[89]|2[ -]?0)[ -]?${digit}{2}`;
const datedId = new RegExp(String.raw`(?<!\d)${digit}{6}${year}${month}${day}${digit}{3}[\dXx](?!\d)`, 'g');
const datedOldId = new RegExp(String.raw`(?<![\d.])${digit}{8}${month}${day}${digit}{2}\d(?![\dXx])`, 'g');
/** Any run of exactly 18 or 15 digits, unless it is a fraction or part of a longer hexadecimal word. */
const longRun = /(?<![\dA-Fa-f]|\d\.)(?:\d{17}[\dXx]|\d{15})(?![\dA-Fa-f])/g;
/** Mobile numbers, and the fixtures' range 100. */
const phone = /(?<!\d|\d\.)(?:(?:\+|00)?86[ -]?)?(1(?:[3-9]\d|00)[ -]?\d{4}[ -]?\d{4})(?!\d)/g;
const secretText = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /AGE-SECRET-KEY-[0-9A-Z-]+/gi,
  /\btbs1[02-9ac-hj-np-z]{20,}/gi,
] as const;
/** Digests and identifiers: 16, 32, 40, 64 or 128 lower-case hexadecimal digits that stand alone. */
const digestLengths = [128, 64, 40, 32, 16].map((length) => `[0-9a-f]{${length}}`).join('|');
const splitAtDigests = new RegExp(`(?<![0-9A-Za-z])(${digestLengths})(?![0-9A-Za-z])`);
const wideDigits = /[\uff10-\uff19\uff38\uff58\uff0d\u3000\u00a0\u2010-\u2015]/g;

const personalKeys = new Set(
  (
    'certno idno idnumber idcard idcardno citizenid psncertno tel telno phone phoneno mobile mob cellphone ' +
    'psnname patientname personname membername headname addr homeaddress residence brdy birthday birthdate ' +
    'bankacct bankaccount cardno medcardno 姓名 身份证号 证件号码 电话 手机 住址 地址'
  ).split(' '),
);
const secretKeys = new Set(
  (
    'password passwd passphrase secret token share shares sharetext seed salt privatekey signingkey databasekey ' +
    'rootkey unsealkey keybytes authorization cookie pem'
  ).split(' '),
);
/** These are words of the program as well; they are masked only when Chinese is in them. */
const namingKeys = new Set(['name', 'fullname', 'address', 'value']);
/** Numbers under such names are counts, whatever their length. */
const countingKey =
  /(?:bytes|ms|ns|size|count|entries|first|end|last|index|position|total|rows|rate|lag|epoch|port|pid|number)$/i;

const limits = { depth: 8, items: 100, textLength: 16_384 } as const;

export function redactText(text: string): string {
  const bounded = text.length > limits.textLength ? `${text.slice(0, limits.textLength)}…` : text;
  const parts = toNarrow(bounded).split(splitAtDigests);
  return parts.map((part, i) => (i % 2 === 1 ? part : redactPart(part))).join('');
}

/** Whether the text holds a private key, share or age identity. */
export function holdsSecret(text: string): boolean {
  return secretText.some((pattern) => text.search(pattern) >= 0);
}

/** A copy of `value` that can be printed: plain objects, arrays, strings, numbers, booleans, null. */
export function redact(value: unknown): unknown {
  return walk(value, '', 0, new Set());
}

function redactPart(text: string): string {
  let result = text;
  for (const pattern of secretText) result = result.replace(pattern, '***');
  for (const pattern of [datedId, datedOldId, longRun]) result = result.replace(pattern, maskDigits('id'));
  return result.replace(phone, (_match, number: string) => maskDigits('phone')(number));
}

function maskDigits(masking: 'id' | 'phone'): (match: string) => string {
  return (match) => maskAs(masking, match.replaceAll(/[ -]/g, ''));
}

/** Full-width digits and blanks would slip past every pattern. */
function toNarrow(text: string): string {
  return text.replaceAll(wideDigits, (character) => {
    const code = character.charCodeAt(0);
    if (code >= 0xff00) return String.fromCharCode(code - 0xfee0);
    return code === 0x3000 || code === 0xa0 ? ' ' : '-';
  });
}

function walk(value: unknown, key: string, depth: number, above: Set<object>): unknown {
  const name = key.toLowerCase().replaceAll(/[_\-. ]/g, '');
  if (value === undefined || value === null) return value;
  if (secretKeys.has(name)) return '***';
  if (personalKeys.has(name)) return '***';
  switch (typeof value) {
    case 'string':
      return namingKeys.has(name) && /\p{Script=Han}/u.test(value)
        ? maskAs('name', value)
        : redactText(value);
    case 'number':
      return redactNumber(value, key);
    case 'bigint':
      return countingKey.test(key) ? String(value) : redactText(String(value));
    case 'boolean':
      return value;
    case 'object':
      return walkObject(value, depth, above);
    default:
      return `[${typeof value}]`;
  }
}

function redactNumber(value: number, key: string): number | string {
  if (!Number.isSafeInteger(value) || countingKey.test(key)) return value;
  const text = String(value);
  const masked = redactText(text);
  return masked === text ? value : masked;
}

function walkObject(value: object, depth: number, above: Set<object>): unknown {
  if (value instanceof Sensitive) return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no date]' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return `[${value.byteLength} bytes]`;
  if (above.has(value)) return '[circular]';
  if (depth >= limits.depth) return '[deeper]';
  above.add(value);
  try {
    return walkMembers(value, depth + 1, above);
  } catch (error) {
    return `[unreadable: ${error instanceof Error ? error.name : typeof error}]`;
  } finally {
    above.delete(value);
  }
}

function walkMembers(value: object, depth: number, above: Set<object>): unknown {
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value];
    const shown = items.slice(0, limits.items).map((item) => walk(item, '', depth, above));
    return items.length > limits.items ? [...shown, `[${items.length - limits.items} more]`] : shown;
  }
  if (value instanceof Map) return walkEntries(value.entries(), depth, above);
  if (value instanceof Error) return walkEntries(errorEntries(value), depth, above);
  return walkEntries(Object.entries(value), depth, above);
}

function walkEntries(entries: Iterable<[unknown, unknown]>, depth: number, above: Set<object>): object {
  const result: Record<string, unknown> = Object.create(null);
  let count = 0;
  for (const [key, member] of entries) {
    count += 1;
    if (count > limits.items) continue;
    const name = typeof key === 'string' || typeof key === 'number' ? String(key) : '[key]';
    result[redactText(name)] = walk(member, name, depth, above);
  }
  if (count > limits.items) result['…'] = `[${count - limits.items} more]`;
  return result;
}

function* errorEntries(error: Error): Iterable<[string, unknown]> {
  yield ['name', error.name];
  yield ['message', error.message];
  if (error.stack !== undefined) yield ['stack', error.stack];
  if (error.cause !== undefined) yield ['cause', error.cause];
  if (error instanceof AggregateError) yield ['errors', error.errors];
  for (const [key, member] of Object.entries(error)) yield [key, member];
}
