import type { Field } from './field.ts';
import { persons } from './persons.ts';

let names: ReadonlySet<string> | undefined;

/** Names of all identity fields: they may stand in the dataset persons alone (N01). */
export function identityNames(): ReadonlySet<string> {
  names ??= new Set([
    ...persons.entities.flatMap((entity) => entity.fields.filter(isIdentity).map((field) => field.name)),
    // Certificate number shown at the counter; resolved to psn_no and dropped.
    'mdtrt_cert_no',
  ]);
  return names;
}

function isIdentity(field: Field): boolean {
  return field.identity;
}
