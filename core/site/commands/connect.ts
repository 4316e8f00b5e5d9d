import type { CliContext } from '../../cli/context.ts';
import { readLeaf } from '../trust/identity-folder.ts';
import { existingIdentity, onlyIdentity } from './caller.ts';
import { noticeEnd } from './certificate-notice.ts';
import { openDataFolder, requireProgram } from './data-folder.ts';
import type { LocalOptions } from './local-options.ts';
import { localSite, type Reach, SiteConnection } from './site-connection.ts';

/** As `connectLocal` says. */
export async function connect(
  context: CliContext,
  { data, as }: LocalOptions,
  program: 'node' | 'hub' | 'either',
  reach: Reach,
): Promise<SiteConnection> {
  const folder = openDataFolder(context, data);
  if (program !== 'either') requireProgram(folder, program);
  const remote = localSite(folder);
  const identity = as === undefined ? onlyIdentity(folder.paths, 'operator') : existingIdentity(as);
  noticeEnd(context, identity, readLeaf(identity));
  return SiteConnection.open(remote, identity, reach, context.clock);
}
