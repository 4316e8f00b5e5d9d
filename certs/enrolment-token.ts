import { createHash } from 'node:crypto';
import { assert } from '../core/base/assert.ts';
import { toHex, view } from '../core/base/bytes.ts';
import { fault } from '../core/base/errors.ts';

/** What an officer hands to a new site as one line. The secret part is `token`; nothing stores it. */
export interface EnrolmentToken {
  /** Of the enrolment listener; lower-case name, IPv4, or IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Site that is to be enrolled. */
  readonly site: string;
  /** Site whose hub answers there; checked in its certificate. */
  readonly hubSite: string;
  /** SHA-256 of the root's DER, lower-case hex. */
  readonly rootFingerprint: string;
  /** 32 random bytes. */
  readonly token: Uint8Array;
}

const address = /(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]{1,253})):([0-9]{1,5})/.source;
const secrets = /([0-9a-f]{64}):([\w-]{43})/.source;
const pattern = new RegExp(`^(tongbu-enrol-1:([0-9]{6}):([0-9]{6})@${address}:${secrets}):([0-9a-f]{8})$`);

/** One line without blanks; the last part finds typing errors. It is a secret until it is used. */
export function printToken(what: EnrolmentToken): string {
  const { host, port, site, hubSite, rootFingerprint, token } = what;
  assert(token.length === 32, 'a token of 32 bytes');
  const where = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const secret = view(token).toString('base64url');
  const line = `tongbu-enrol-1:${site}:${hubSite}@${where}:${rootFingerprint}:${secret}`;
  assert(pattern.test(`${line}:00000000`), 'a token line that its own parser takes');
  return `${line}:${check(line)}`;
}

/** The reverse of `printToken`; TB1311 for anything that it does not print. */
export function parseToken(text: string): EnrolmentToken {
  const match = pattern.exec(text.trim());
  if (match === null) throw fault('TB1311');
  const [, line = '', site = '', hubSite = '', v6, name, portText = '', rootFingerprint = '', secret = ''] =
    match;
  const sum = match[9];
  const port = Number(portText);
  const token = Buffer.from(secret, 'base64url');
  const whole = check(line) === sum && port >= 1 && port <= 65_535 && String(port) === portText;
  if (!whole || token.toString('base64url') !== secret) throw fault('TB1311');
  return { host: v6 ?? name ?? '', port, site, hubSite, rootFingerprint, token };
}

/** How a token is stored and looked up: SHA-256, lower-case hex. 256 random bits need no salt. */
export function tokenHash(token: Uint8Array): string {
  return toHex(createHash('sha256').update(token).digest());
}

function check(line: string): string {
  return createHash('sha256').update(line).digest('hex').slice(0, 8);
}
