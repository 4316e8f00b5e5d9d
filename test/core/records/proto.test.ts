import { readFileSync } from 'node:fs';
import * as protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { datasets } from '../../../core/records/datasets.ts';
import type { Field, FieldType } from '../../../core/records/field.ts';
import { printProto, printStampMessages } from '../../../core/records/proto-file.ts';
import { handlingFields, sourceFields } from '../../../core/records/stamp.ts';

const folder = new URL('../../../proto/tongbu/v1/records/', import.meta.url);
const protoPackage = 'tongbu.v1.records';

/** What the .proto file of a dataset says, read by protobufjs. */
function protoOf(...names: readonly string[]): protobuf.Root {
  const root = new protobuf.Root();
  for (const name of names) {
    protobuf.parse(readFileSync(new URL(`${name}.proto`, folder), 'utf8'), root, { keepCase: true });
  }
  return root;
}

const wireTypes: Readonly<Record<FieldType['kind'], string>> = {
  text: 'string',
  code: 'string',
  date: 'sint32',
  datetime: 'int64',
  money: 'int64',
  scaled: 'int64',
  integer: 'int64',
  flag: 'bool',
  list: 'message',
};

function expectAgreement(type: protobuf.Type, fields: readonly Field[], root: protobuf.Root): void {
  expect(type.fieldsArray.map((field) => field.name)).toEqual(fields.map((field) => field.name));
  for (const field of fields) {
    const proto = type.fields[field.name];
    const list = field.type.kind === 'list';
    expect(proto, field.name).toMatchObject({ id: field.tag, repeated: list });
    expect(proto?.type).toBe(field.type.kind === 'list' ? field.type.message : wireTypes[field.type.kind]);
    const explicit = proto?.options?.['proto3_optional'] === true;
    expect(explicit, `presence of ${field.name}`).toBe(proto?.type !== 'string' && !list);
    if (field.type.kind === 'list') {
      expectAgreement(root.lookupType(`${protoPackage}.${field.type.message}`), field.type.of, root);
    }
  }
}

describe.each(datasets)('dataset $name', (dataset) => {
  const root = protoOf('entry', dataset.name);

  test('its definition and its proto file agree field by field', () => {
    const body = root.lookupType(`${protoPackage}.${dataset.message}`);
    expect(body.fields).toMatchObject({ ver: { id: 1 }, handling: { id: 2 }, source: { id: 3 } });
    const members = body.oneofs['record']?.fieldsArray.map(({ name, id, type }) => ({ name, id, type }));
    expect(members).toEqual(
      dataset.entities.map(({ name, tag, message }) => ({ name, id: tag, type: message })),
    );
    for (const entity of dataset.entities) {
      expectAgreement(root.lookupType(`${protoPackage}.${entity.message}`), entity.fields, root);
    }
    expectAgreement(root.lookupType(`${protoPackage}.RowSource`), sourceFields, root);
    expectAgreement(root.lookupType(`${protoPackage}.RowHandling`), handlingFields, root);
  });

  test('its proto file is what the definition prints', () => {
    expect(readFileSync(new URL(`${dataset.name}.proto`, folder), 'utf8')).toBe(printProto(dataset));
    expect(readFileSync(new URL('entry.proto', folder), 'utf8')).toContain(printStampMessages());
  });

  test('fields stand in the order of their numbers, names and numbers are used once', () => {
    for (const { fields } of dataset.entities) {
      const tags = fields.map((field) => field.tag);
      expect(tags).toEqual([...new Set(tags)].sort((a, b) => a - b));
      const names = [...fields, ...sourceFields, ...handlingFields].map((field) => field.name);
      expect(new Set(names).size).toBe(names.length);
    }
    expect(new Set(dataset.entities.map((entity) => entity.tag)).size).toBe(dataset.entities.length);
  });

  test('key fields exist, are required, and are texts or dates', () => {
    for (const entity of dataset.entities) {
      for (const name of entity.key) {
        const field = entity.fields.find((candidate) => candidate.name === name);
        expect(field?.required).toBe('Y');
        expect(['text', 'code', 'date']).toContain(field?.type.kind);
      }
    }
  });

  test('identity fields stand in persons alone', () => {
    const identity = dataset.entities.flatMap((entity) => entity.fields.filter((field) => field.identity));
    expect(identity.length > 0).toBe(dataset.identity);
    expect(dataset.identity).toBe(dataset.name === 'persons');
  });
});

test('tables and messages have names of their own over all datasets', () => {
  const entities = datasets.flatMap((dataset) => dataset.entities);
  expect(new Set(entities.map((entity) => entity.table)).size).toBe(entities.length);
  expect(new Set(entities.map((entity) => entity.message)).size).toBe(entities.length);
});
