import { isUtf8 } from 'node:buffer';
import { view } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import type { Draft, Field, Value } from './field.ts';

/** Where the fields of a message go: `places[tag]` is the field and its index in the target. */
export interface Layout {
  readonly places: readonly (Place | undefined)[];
}
interface Place {
  readonly field: Field;
  readonly index: number;
  readonly of: Layout | undefined;
}

export function layoutOf(
  fields: readonly Field[],
  indexOf = (_field: Field, i: number): number => i,
): Layout {
  const places: (Place | undefined)[] = [];
  fields.forEach((field, i) => {
    const of = field.type.kind === 'list' ? layoutOf(field.type.of) : undefined;
    places[field.tag] = { field, index: indexOf(field, i), of };
  });
  return { places: Array.from(places) };
}

/**
 * Reads record bodies. Unknown fields are skipped (a newer schema version); whatever else is not as the
 * definition says throws TB1511, which followers answer with quarantine. The whole body is made a string
 * once and its texts are cut from it: one call into the runtime instead of one per field.
 */
export class BodyReader {
  #bytes = Buffer.alloc(0) as Buffer;
  #latin1 = '';
  #at = 0;

  open(bytes: Uint8Array): void {
    this.#bytes = view(bytes);
    this.#latin1 = this.#bytes.toString('latin1');
    this.#at = 0;
  }

  /** For a message with hardly any text in it: texts are decoded one by one. */
  openBinary(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#latin1 = '';
    this.#at = 0;
  }

  /** A text as a string of its own. */
  text(): string {
    const end = this.block();
    const text = this.#bytes.toString('utf8', this.#at, end);
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(this.#at, end))) throw malformed('text');
    this.#at = end;
    return text;
  }

  /** A view into the opened bytes. */
  bytes(): Buffer {
    const end = this.block();
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get at(): number {
    return this.#at;
  }

  seek(at: number): void {
    this.#at = at;
  }

  /** Fills `target[index]` for every field that is present up to `end`. */
  fields(layout: Layout, end: number, target: unknown[]): void {
    while (this.#at < end) {
      const head = this.varint();
      const place = layout.places[Math.floor(head / 8)];
      if (place === undefined) this.skip(head % 8);
      else target[place.index] = this.#value(place, head % 8, target[place.index]);
    }
    if (this.#at !== end) throw malformed('length');
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i += 1) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw malformed('end');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        // Ten bytes are a negative int64.
        if (i === 9) return this.#negative();
        if (value > Number.MAX_SAFE_INTEGER) throw malformed('number');
        return value;
      }
      factor *= 128;
    }
    throw malformed('number');
  }

  /** Reads the length of a nested part and answers where it ends. */
  block(): number {
    const end = this.varint() + this.#at;
    if (end > this.#bytes.length) throw malformed('length');
    return end;
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 2) this.#at = this.block();
    else if (wireType === 1) this.#at += 8;
    else if (wireType === 5) this.#at += 4;
    else throw malformed('wire type');
    if (this.#at > this.#bytes.length) throw malformed('end');
  }

  #value(place: Place, wireType: number, before: unknown): Value {
    const { kind } = place.field.type;
    const texts = kind === 'text' || kind === 'code';
    if (wireType !== (texts || kind === 'list' ? 2 : 0)) throw malformed('wire type');
    if (texts) return this.#string();
    if (kind === 'list') return this.#element(place, before);
    const value = this.varint();
    if (kind === 'date') return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    if (kind === 'flag') return value !== 0;
    return value;
  }

  #element({ field, of }: Place, before: unknown): Value {
    if (of === undefined || field.type.kind !== 'list') throw malformed('layout');
    const names = field.type.of;
    const slots: unknown[] = [];
    this.fields(of, this.block(), slots);
    const values: Draft = {};
    names.forEach(({ name }, i) => {
      values[name] = slots[i] as Value | undefined;
    });
    const list = Array.isArray(before) ? (before as Draft[]) : [];
    list.push(values);
    return list;
  }

  #string(): string {
    const end = this.block();
    const start = this.#at;
    this.#at = end;
    const bytes = this.#bytes;
    for (let i = start; i < end; i += 1) {
      if ((bytes[i] ?? 0) < 0x80) continue;
      if (!isUtf8(bytes.subarray(start, end))) throw malformed('text');
      return bytes.toString('utf8', start, end);
    }
    return this.#latin1.substring(start, end);
  }

  #negative(): number {
    let value = 0n;
    for (let i = 0; i < 10; i += 1) {
      value |= BigInt((this.#bytes[this.#at - 10 + i] ?? 0) & 0x7f) << BigInt(7 * i);
    }
    const signed = Number(BigInt.asIntN(64, value));
    if (!Number.isSafeInteger(signed)) throw malformed('number');
    return signed;
  }
}

function malformed(what: string): Error {
  return fault('TB1511', { what });
}
