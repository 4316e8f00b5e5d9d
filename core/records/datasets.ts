import { fault } from '../base/errors.ts';
import { audit } from './audit.ts';
import { catalog } from './catalog.ts';
import { claims } from './claims.ts';
import type { Dataset } from './dataset.ts';
import { enrollment } from './enrollment.ts';
import { persons } from './persons.ts';
import { registry } from './registry.ts';

/** Every dataset whose rows are records. A new one is a definition, its .proto file and a line here. */
export const datasets: readonly Dataset[] = [persons, enrollment, claims, catalog, registry, audit];

/** Throws TB1507. */
export function datasetOf(name: string): Dataset {
  const found = datasets.find((dataset) => dataset.name === name);
  if (found !== undefined) return found;
  throw fault('TB1507', { dataset: name, datasets: datasets.map((dataset) => dataset.name).join(', ') });
}
