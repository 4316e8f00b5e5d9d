import type { CliContext } from '../../cli/context.ts';
import { formatTable } from '../../cli/table.ts';
import type { Dataset } from '../../records/dataset.ts';
import { stampFields } from '../../records/stamp.ts';

export type RecordFields = Readonly<Record<string, unknown>>;

/** One record, a field a line, with what each field means. Identity comes masked from the site. */
export function recordText(
  context: CliContext,
  dataset: Dataset,
  entity: string,
  fields: RecordFields,
): string {
  const found = dataset.entities.find(({ name }) => name === entity) ?? dataset.entities[0];
  const known = [...(found?.fields ?? []), ...stampFields];
  const columns = [
    { title: context.text({ en: 'field', zh: '字段' }) },
    { title: context.text({ en: 'value', zh: '值' }) },
    { title: context.text({ en: 'meaning', zh: '含义' }) },
  ];
  const rows = Object.entries(fields).map(([name, value]) => {
    const field = known.find((candidate) => candidate.name === name);
    return [name, printed(value), field ? context.text(field) : ''];
  });
  return formatTable(columns, rows);
}

/** Lists are shown as JSON. */
export function printed(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
