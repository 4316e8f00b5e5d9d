import { assert } from '../base/assert.ts';
import type { Field, Values } from './field.ts';

/** Larger than any body that can become an entry (65,535 bytes), so that growing is rare. */
const initialBytes = 128 * 1024;

/**
 * Writes record bodies as protobuf, fields in the order of their numbers, absent ones left out: one content
 * has one encoding, so equal content has equal bytes. Own code because this and the reader are the hot path
 * of intake and followers; the tests hold protobufjs and the .proto files against it.
 */
export class BodyWriter {
  #bytes = Buffer.allocUnsafe(initialBytes);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  reset(): void {
    this.#at = 0;
  }

  /** A private copy of what was written from `start` on. */
  take(start = 0): Buffer {
    return Buffer.from(this.#bytes.subarray(start, this.#at));
  }

  /** What was written; valid until the next write. */
  view(start: number): Buffer {
    return this.#bytes.subarray(start, this.#at);
  }

  /** A message as field `tag`; nothing at all when it is empty and `always` is not set. */
  message(tag: number, fields: readonly Field[], values: Values, always: boolean): void {
    const begin = this.#at;
    this.varint(tag * 8 + 2);
    const lengthAt = this.#at;
    this.#at += 1;
    this.fields(fields, values);
    const length = this.#at - lengthAt - 1;
    if (length === 0 && !always) {
      this.#at = begin;
      return;
    }
    // The length was taken for one byte; move the content when it needs more.
    const more = varintBytes(length) - 1;
    if (more > 0) {
      this.#room(more);
      this.#bytes.copyWithin(lengthAt + 1 + more, lengthAt + 1, this.#at);
    }
    this.#at = lengthAt;
    this.varint(length);
    this.#at += length;
  }

  fields(fields: readonly Field[], values: Values): void {
    for (const field of fields) {
      const value = values[field.name];
      if (value === undefined) continue;
      this.#room(32);
      if (typeof value === 'string') {
        this.varint(field.tag * 8 + 2);
        this.#string(value);
      } else if (typeof value === 'number') {
        this.varint(field.tag * 8);
        if (field.type.kind === 'date') this.varint(value < 0 ? -2 * value - 1 : 2 * value);
        else this.#int64(value);
      } else if (typeof value === 'boolean') {
        this.varint(field.tag * 8);
        this.#bytes[this.#at++] = value ? 1 : 0;
      } else {
        assert(field.type.kind === 'list', `${field.name} is not a list`);
        for (const element of value) this.message(field.tag, field.type.of, element, true);
      }
    }
  }

  varint(value: number): void {
    this.#room(10);
    const bytes = this.#bytes;
    while (value > 0x7f) {
      bytes[this.#at++] = (value % 128) + 128;
      value = value < 0x8000_0000 ? value >>> 7 : Math.floor(value / 128);
    }
    bytes[this.#at++] = value;
  }

  /** Negative numbers take ten bytes, as protobuf has it for int64. */
  #int64(value: number): void {
    if (value >= 0) return this.varint(value);
    assert(Number.isSafeInteger(value), 'an inexact number in a record');
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest);
  }

  #string(value: string): void {
    const length = value.length;
    this.#room(length * 3 + 5);
    const bytes = this.#bytes;
    if (length < 128) {
      // Nearly all values are short ASCII: a loop beats the call into the runtime.
      let at = this.#at + 1;
      let i = 0;
      for (; i < length; i += 1) {
        const unit = value.charCodeAt(i);
        if (unit > 0x7f) break;
        bytes[at++] = unit;
      }
      if (i === length) {
        bytes[this.#at] = length;
        this.#at = at;
        return;
      }
    }
    this.varint(Buffer.byteLength(value));
    this.#at += bytes.write(value, this.#at);
  }

  #room(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + more));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}
