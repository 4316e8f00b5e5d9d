import { fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addOption, groups, siteCode } from '../../cli/options.ts';
import { existingIdentity } from './caller.ts';
import { addAsOption } from './connect.ts';
import { addDataOption, openDataFolder } from './data-folder.ts';
import { localSite, type RemoteSite, SiteConnection } from './site-connection.ts';

/** A site on this machine by its folder, or any other by its address. */
export interface TargetOptions {
  readonly data?: string;
  readonly as?: string;
  readonly address?: string;
  readonly site?: string;
  readonly domain?: string;
}

export function addTargetOptions(command: Command, context: CliContext): void {
  addDataOption(command, context, { optional: true });
  addAsOption(command, context);
  addOption(command, context, {
    flags: '--address <host:port>',
    text: { en: 'a site on another machine, instead of --data', zh: '其他机器上的站点,代替 --data' },
    group: groups.connection,
    parse: (text) => {
      if (/^(\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5}$/.test(text)) return text;
      throw fault('TB1618', { option: '--address', form: 'HOST:PORT', command: 'tongbu seal unseal' });
    },
  });
  addOption(command, context, {
    flags: '--site <code>',
    text: { en: 'its site code', zh: '该站点的代码' },
    group: groups.connection,
    parse: siteCode('--site'),
  });
  addOption(command, context, {
    flags: '--domain <domain>',
    text: { en: 'its trust domain', zh: '该站点的信任域' },
    group: groups.connection,
  });
}

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
