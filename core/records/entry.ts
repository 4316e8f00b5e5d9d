import { view } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { BodyReader } from './body-reader.ts';
import { varintBytes } from './body-writer.ts';

export type Operation = 'upsert' | 'delete';

/** A change as it stands in a log. `proto/tongbu/v1/records/entry.proto` says what each field means. */
export interface Entry {
  readonly key: string;
  readonly operation: Operation;
  /** Milliseconds since 1970 (UTC) by the origin's clock. */
  readonly recordedAtMs: number;
  readonly schemaVersion: number;
  /** Record message; empty for a delete. */
  readonly body: Uint8Array;
  /** 16 random bytes in datasets that hold identity, else empty. */
  readonly salt: Uint8Array;
}

export const saltBytes = 16;
const none: Uint8Array = new Uint8Array(0);

/** One allocation, every byte written once; never more than half a microsecond. */
export function encodeEntry(entry: Entry): Buffer {
  const { key, body, salt } = entry;
  const keyBytes = Buffer.byteLength(key);
  const timeBytes = varintBytes(entry.recordedAtMs);
  const bytes = Buffer.allocUnsafe(
    1 +
      varintBytes(keyBytes) +
      keyBytes +
      2 +
      1 +
      timeBytes +
      1 +
      varintBytes(entry.schemaVersion) +
      (body.length === 0 ? 0 : 1 + varintBytes(body.length) + body.length) +
      (salt.length === 0 ? 0 : 1 + varintBytes(salt.length) + salt.length),
  );
  bytes[0] = 0x0a;
  let at = varint(bytes, 1, keyBytes);
  if (keyBytes === key.length && keyBytes < 64) {
    for (let i = 0; i < keyBytes; i += 1) bytes[at++] = key.charCodeAt(i);
  } else at += bytes.write(key, at);
  bytes[at++] = 0x10;
  bytes[at++] = entry.operation === 'upsert' ? 1 : 2;
  bytes[at++] = 0x18;
  at = varint(bytes, at, entry.recordedAtMs);
  bytes[at++] = 0x20;
  at = varint(bytes, at, entry.schemaVersion);
  if (body.length > 0) at = block(bytes, at, 0x2a, body);
  if (salt.length > 0) block(bytes, at, 0x32, salt);
  return bytes;
}

const reader = new BodyReader();

/** Body and salt are views into `bytes`. Throws TB1510 for bytes that are no entry. */
export function decodeEntry(bytes: Uint8Array): Entry {
  const buffer = view(bytes);
  reader.openBinary(buffer);
  let key: string | undefined;
  let operation = 0;
  let recordedAtMs = 0;
  let schemaVersion = 0;
  let body = none;
  let salt = none;
  while (reader.at < reader.length) {
    const head = reader.varint();
    if (head === 0x0a) key = reader.text();
    else if (head === 0x10) operation = reader.varint();
    else if (head === 0x18) recordedAtMs = reader.varint();
    else if (head === 0x20) schemaVersion = reader.varint();
    else if (head === 0x2a) body = reader.bytes();
    else if (head === 0x32) salt = reader.bytes();
    else reader.skip(head % 8);
  }
  if (key === undefined || (operation !== 1 && operation !== 2)) throw fault('TB1510');
  return { key, operation: operation === 1 ? 'upsert' : 'delete', recordedAtMs, schemaVersion, body, salt };
}

function varint(bytes: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest > 0x7f; rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 128)) {
    bytes[at++] = (rest % 128) + 128;
  }
  bytes[at++] = rest;
  return at;
}

function block(bytes: Buffer, start: number, head: number, content: Uint8Array): number {
  bytes[start] = head;
  const at = varint(bytes, start + 1, content.length);
  bytes.set(content, at);
  return at + content.length;
}
