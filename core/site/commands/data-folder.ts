import { existsSync } from 'node:fs';
import { type Config, readConfig } from '../../base/config.ts';
import { fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { type SiteFolder, siteFolder } from '../site-folder.ts';

export interface DataFolder {
  readonly paths: SiteFolder;
  readonly config: Config;
}

/** Throws TB1603 for a folder that is no site, and what the configuration has wrong. */
export function openDataFolder(context: CliContext, folder: string): DataFolder {
  const paths = siteFolder(folder);
  if (!existsSync(paths.config)) throw fault('TB1603', { path: folder });
  return { paths, config: readConfig(paths.config, context.environment) };
}

/** A node is a county's, a hub a province's or the nation's. Throws TB1612. */
export function requireProgram({ config }: DataFolder, program: 'node' | 'hub'): void {
  const { site, tier } = config;
  if ((tier === 'county') === (program === 'node')) return;
  throw fault('TB1612', { site, tier: program === 'node' ? 'county' : 'hub', found: tier });
}
