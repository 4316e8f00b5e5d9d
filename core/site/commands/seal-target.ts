import { fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { readLeaf } from '../trust/identity-folder.ts';
import { existingIdentity } from './caller.ts';
import { noticeEnd } from './certificate-notice.ts';
import { openDataFolder } from './data-folder.ts';
import type { TargetOptions } from './seal-target-options.ts';
import { localSite, type RemoteSite, SiteConnection } from './site-connection.ts';

/**
 * Connects as `identityIn` says, which knows the default within a data folder. Throws TB1620 and
 * connectLocal's.
 */
export async function connectTarget(
  context: CliContext,
  options: TargetOptions,
  identityIn: (target: RemoteSite) => string,
): Promise<{ connection: SiteConnection; identity: string }> {
  const remote = options.address === undefined ? local(context, options) : elsewhere(options);
  const identity = existingIdentity(options.as ?? identityIn(remote));
  noticeEnd(context, identity, readLeaf(identity));
  return { connection: await SiteConnection.open(remote, identity, 'any', context.clock), identity };
}

function local(context: CliContext, { data }: TargetOptions): RemoteSite {
  if (data === undefined) throw fault('TB1620', { missing: '--address, --site, --domain, --as' });
  return localSite(openDataFolder(context, data));
}

function elsewhere({ address = '', site, domain, as }: TargetOptions): RemoteSite {
  const given = { '--site': site, '--domain': domain, '--as': as };
  const missing = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (site === undefined || domain === undefined || as === undefined) {
    throw fault('TB1620', { missing: missing.join(', ') });
  }
  const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(address) ?? [];
  return { site, trustDomain: domain, host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
}
