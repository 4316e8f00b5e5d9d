import { bech32m } from '@scure/base';
import { assert } from '../base/assert.ts';
import { fromHex, toHex, wipe } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { sealError } from './seal-error.ts';
import type { Share } from './share.ts';

/** What the one line carries: enough to tell whose share of which set it is, and the share. */
export interface ShareText {
  /** The first 8 bytes of the set id, hex. */
  readonly setPrefix: string;
  readonly holder: number;
  readonly value: Uint8Array;
}

const prefix = 'tbs';
const version = 1;
const textLength = 78; // within 90, up to which Bech32m finds every single wrong character

/** Bech32m over version ‖ set id (first 8 bytes) ‖ holder ‖ share, 42 bytes (SECURITY 2.4). */
export function printShareText(share: Pick<Share, 'setId' | 'holder' | 'value'>): string {
  const { holder } = share;
  assert(share.value.length === 32 && holder > 0 && holder < 256, 'a share is 32 bytes of a numbered holder');
  const set = fromHex(share.setId).subarray(0, 8);
  const payload = Buffer.concat([Buffer.from([version]), set, Buffer.from([holder]), share.value]);
  const text = bech32m.encode(prefix, bech32m.toWords(payload));
  wipe(payload);
  return text;
}

/** Reads lower or upper case (a QR code has upper). Throws SHARE_MALFORMED, which names `officer`. */
export function parseShareText(text: string, officer: string): ShareText {
  const payload = decode(text.trim());
  const holder = payload?.[9] ?? 0;
  if (payload?.length !== 42 || payload[0] !== version || holder === 0) {
    throw fault(sealError.shareMalformed, { officer });
  }
  const value = payload.slice(10);
  const setPrefix = toHex(payload.subarray(1, 9));
  wipe(payload);
  return { setPrefix, holder, value };
}

function decode(text: string): Uint8Array | undefined {
  if (text.length !== textLength) return undefined;
  try {
    const decoded = bech32m.decode(text as `${string}1${string}`);
    return decoded.prefix === prefix ? bech32m.fromWords(decoded.words) : undefined;
  } catch {
    return undefined; // the library's message quotes the text
  }
}
