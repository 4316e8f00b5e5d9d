import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fault } from './errors.ts';

/** A small YAML file as plain values. Throws TB1003 for a file that can't be read or does not parse. */
export function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}
