import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { fault } from '../../core/base/errors.ts';
import type { DemoSite } from './demo-site.ts';
import type { WorkFile } from './workload.ts';

const program = fileURLToPath(new URL('../../bin/tongbu', import.meta.url));

/** What `tongbu node load --json` and `tongbu hub publish --json` say. */
export interface LoadSummary {
  readonly accepted: number;
  readonly unchanged: number;
  readonly refused: number;
}

/** Loads one file the way a clerk does: with the command. Throws TB1804 when it fails as a whole. */
export async function loadFile(
  site: DemoSite,
  file: WorkFile,
  options: { readonly dryRun: boolean },
): Promise<LoadSummary> {
  const outcome = await tryLoad(site, file, options);
  if ('error' in outcome) {
    throw fault('TB1804', { path: file.path, site: site.code, reason: outcome.error });
  }
  return outcome;
}

/** The same, where the site may be killed meanwhile: the failure is an answer. */
export async function tryLoad(
  site: DemoSite,
  file: WorkFile,
  options: { readonly dryRun: boolean },
): Promise<LoadSummary | { readonly error: string }> {
  const { dataDir, tier } = site.location;
  const command =
    tier === 'county'
      ? ['node', 'load', file.path, '--dataset', file.dataset]
      : ['hub', 'publish', file.dataset, file.path];
  const args = [program, ...command, '--data', dataDir, '--json', '--rejects', `${file.path}.rejects.csv`];
  if (file.entity !== '') args.push('--entity', file.entity);
  if (file.migrated) args.push('--migrated');
  if (options.dryRun) args.push('--dry-run');
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0 || code === 4) return JSON.parse(text) as LoadSummary;
  const known = /"code": "(TB[0-9]{4})"/.exec(text)?.[1];
  return { error: known ?? `exit ${code ?? 'by signal'}` };
}
