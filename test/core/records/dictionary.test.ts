import { describe, expect, test } from 'vitest';
import { datasets } from '../../../core/records/datasets.ts';
import { printDictionary } from '../../../core/records/dictionary.ts';

describe.each(datasets)('dictionary of $name', (dataset) => {
  test.each(['en', 'zh'] as const)('in %s it has a line for every field with its example', (language) => {
    const text = printDictionary(dataset, language, 'markdown');
    for (const { fields } of dataset.entities) {
      for (const field of fields) {
        const lines = text
          .split('\n')
          .filter((line) => line.startsWith(`| ${field.name} | ${field[language]}`));
        expect(lines.length, field.name).toBeGreaterThan(0);
        expect(lines.join()).toContain(field.example.replaceAll('|', '\\|'));
      }
    }
  });

  test('as JSON it names every field once, with type, need and rules', () => {
    const parsed = JSON.parse(printDictionary(dataset, 'en', 'json')) as {
      dictionary: number;
      entities: { name: string; fields: { name: string; required: string }[] }[];
    };
    expect(parsed.dictionary).toBe(1);
    expect(parsed.entities.map((entity) => entity.fields.map((field) => field.name))).toEqual(
      dataset.entities.map((entity) => entity.fields.map((field) => field.name)),
    );
  });
});
