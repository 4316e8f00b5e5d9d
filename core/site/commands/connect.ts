import type { CliContext, Command } from '../../cli/context.ts';
import { addOption, groups } from '../../cli/options.ts';
import { existingIdentity, onlyIdentity } from './caller.ts';
import { addDataOption, openDataFolder, requireProgram } from './data-folder.ts';
import { localSite, type Reach, SiteConnection } from './site-connection.ts';

export interface LocalOptions {
  readonly data: string;
  readonly as?: string;
}

/** `--data` and `--as`, for commands that ask the running site on this machine. */
export function addLocalOptions(command: Command, context: CliContext): void {
  addDataOption(command, context);
  addAsOption(command, context);
}

export function addAsOption(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--as <folder>',
    text: {
      en: "folder of the caller's certificate; the site's operator when not given",
      zh: '调用者证书目录;缺省为本站点的操作员',
    },
    group: groups.connection,
  });
}

/** Throws TB1603, TB1612, TB1608, TB1615, TB1616. */
export async function connectLocal(
  context: CliContext,
  { data, as }: LocalOptions,
  program: 'node' | 'hub' | 'either',
  reach: Reach = 'any',
): Promise<SiteConnection> {
  const folder = openDataFolder(context, data);
  if (program !== 'either') requireProgram(folder, program);
  const remote = localSite(folder);
  const identity = as === undefined ? onlyIdentity(folder.paths, 'operator') : existingIdentity(as);
  return SiteConnection.open(remote, identity, reach, context.clock);
}
