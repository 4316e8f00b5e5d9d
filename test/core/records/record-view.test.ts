import { describe, expect, test } from 'vitest';
import { withVersion } from '../../../core/records/body.ts';
import { datasets } from '../../../core/records/datasets.ts';
import { prepareRow } from '../../../core/records/prepare-row.ts';
import { recordView } from '../../../core/records/record-view.ts';
import { context, exampleRow } from './example-row.ts';

const all = datasets.flatMap((dataset) =>
  dataset.entities.map((entity) => ({ dataset, entity, name: entity.name })),
);

describe.each(all)('view of $name', ({ dataset, entity }) => {
  const prepared = prepareRow(dataset, entity.name, exampleRow(entity), context);
  if (!prepared.accepted) throw new Error('refused');
  const body = withVersion(prepared.body, 3);

  test('what it shows loads again as the same bytes', () => {
    const view = recordView(dataset, body, 'shown');
    expect(view).toMatchObject({ entity: entity.name, ver: 3 });
    const through: unknown = JSON.parse(JSON.stringify(view.fields));
    const again = prepareRow(dataset, entity.name, through as Record<string, unknown>, context);
    expect(again.accepted ? again.body : again.findings).toEqual(prepared.body);
  });

  test('masked it shows no identity value', () => {
    const shown = recordView(dataset, body, 'shown').fields;
    const masked = recordView(dataset, body, 'masked').fields;
    expect(Object.keys(masked)).toEqual(Object.keys(shown));
    for (const field of entity.fields) {
      const same = masked[field.name] === shown[field.name];
      if (field.identity && shown[field.name] !== undefined) expect(same, field.name).toBe(false);
      else if (typeof shown[field.name] === 'string') expect(same, field.name).toBe(true);
    }
  });
});
