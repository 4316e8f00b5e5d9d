import { hash } from 'node:crypto';
import { view } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { BodyReader, type Layout, layoutOf } from './body-reader.ts';
import { BodyWriter, varintBytes } from './body-writer.ts';
import type { Dataset, Entity } from './dataset.ts';
import type { Draft, Field, Value } from './field.ts';
import { handlingFields, sourceFields } from './stamp.ts';

/**
 * Body of an entry: ver = 1, handling = 2, source = 3, then the record (oneof, 16 and up). This order makes
 * the compared content one run of bytes at the end, and lets the version be put in front afterwards.
 */
const verTag = 1;
const handlingTag = 2;
const sourceTag = 3;

const writer = new BodyWriter();
const reader = new BodyReader();

export interface EncodedBody {
  /** Without `ver`. */
  readonly body: Buffer;
  /** SHA-256 of source and record: equal exactly when the content is. */
  readonly contentHash: Buffer;
}

export function encodeBody(entity: Entity, draft: Draft): EncodedBody {
  writer.reset();
  writer.message(handlingTag, handlingFields, draft, false);
  const contentAt = writer.length;
  writer.message(sourceTag, sourceFields, draft, false);
  writer.message(entity.tag, entity.fields, draft, true);
  return { body: writer.take(), contentHash: hash('sha256', writer.view(contentAt), 'buffer') };
}

/** The body that goes into the entry; `ver` is 1 for a new row and grows by one with each change. */
export function withVersion(body: Uint8Array, ver: number): Buffer {
  const bytes = Buffer.allocUnsafe(1 + varintBytes(ver) + body.length);
  let at = 0;
  bytes[at++] = verTag * 8;
  let rest = ver;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) + 128;
  bytes[at++] = rest;
  bytes.set(body, at);
  return bytes;
}

/** The hash that `encodeBody` gave, found again from a body with or without version. Throws TB1511. */
export function contentHashOf(body: Uint8Array): Buffer {
  reader.open(body);
  let contentAt = 0;
  while (reader.at < reader.length) {
    const head = reader.varint();
    if (Math.floor(head / 8) >= sourceTag) break;
    reader.skip(head % 8);
    contentAt = reader.at;
  }
  return hash('sha256', view(body).subarray(contentAt), 'buffer');
}

export interface DecodedBody {
  readonly entity: Entity;
  /** 0 when the body has none yet. */
  readonly ver: number;
  /** Fields of record, source and handling by name. */
  readonly values: Draft;
}

/** Throws TB1511 for bytes that are not a body of this dataset. */
export function decodeBody(dataset: Dataset, body: Uint8Array): DecodedBody {
  let found: Entity | undefined;
  const slots: unknown[] = [];
  const ver = readBody(body, slots, (tag) => {
    found = dataset.entities.find((entity) => entity.tag === tag);
    return found === undefined ? undefined : columnsOf(found);
  });
  if (found === undefined) throw fault('TB1511', { what: 'record' });
  const values: Draft = {};
  columnsOf(found).fields.forEach((field, i) => {
    values[field.name] = slots[i] as Value | undefined;
  });
  return { entity: found, ver, values };
}

/** Fields of an entity in table order: key first, the others, source and handling. */
export interface Columns {
  readonly fields: readonly Field[];
  readonly record: Layout;
  readonly source: Layout;
  readonly handling: Layout;
}

const columnsCache = new Map<Entity, Columns>();

export function columnsOf(entity: Entity): Columns {
  const cached = columnsCache.get(entity);
  if (cached !== undefined) return cached;
  const keys = entity.key.flatMap((name) => entity.fields.filter((field) => field.name === name));
  const others = entity.fields.filter((field) => !entity.key.includes(field.name));
  const fields = [...keys, ...others, ...sourceFields, ...handlingFields];
  const layout = (of: readonly Field[]) => layoutOf(of, (field) => fields.indexOf(field));
  const columns = {
    fields,
    record: layout(entity.fields),
    source: layout(sourceFields),
    handling: layout(handlingFields),
  };
  columnsCache.set(entity, columns);
  return columns;
}

/**
 * Reads a body into `slots` (order of `Columns.fields`) and answers its version. The record's tag decides
 * about the columns, so handling and source, which stand before it, are read when it is known.
 */
export function readBody(
  body: Uint8Array,
  slots: unknown[],
  columnsFor: (tag: number) => Columns | undefined,
): number {
  reader.open(body);
  let ver = 0;
  let handlingAt = -1;
  let sourceAt = -1;
  let columns: Columns | undefined;
  while (reader.at < reader.length) {
    const head = reader.varint();
    const tag = Math.floor(head / 8);
    if (head % 8 !== (tag === verTag ? 0 : 2)) reader.skip(head % 8);
    else if (tag === verTag) ver = reader.varint();
    else if (tag === handlingTag || tag === sourceTag) {
      if (tag === handlingTag) handlingAt = reader.at;
      else sourceAt = reader.at;
      reader.skip(2);
    } else {
      const found = columnsFor(tag);
      if (found === undefined) reader.skip(2);
      else if (columns !== undefined) throw fault('TB1511', { what: 'two records' });
      else reader.fields(found.record, reader.block(), slots);
      columns ??= found;
    }
  }
  if (columns === undefined) throw fault('TB1511', { what: 'record' });
  if (handlingAt >= 0) part(handlingAt, columns.handling, slots);
  if (sourceAt >= 0) part(sourceAt, columns.source, slots);
  return ver;
}

function part(at: number, layout: Layout, slots: unknown[]): void {
  reader.seek(at);
  reader.fields(layout, reader.block(), slots);
}
