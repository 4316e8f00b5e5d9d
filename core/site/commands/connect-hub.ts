import { trustDomainOf } from '../../../certs/issued-identity.ts';
import { examinePeer } from '../../../certs/peer-policy.ts';
import { fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { readLeaf, readRoot } from '../trust/identity-folder.ts';
import { existingIdentity, onlyIdentity } from './caller.ts';
import { noticeEnd } from './certificate-notice.ts';
import { openDataFolder, requireProgram } from './data-folder.ts';
import type { HubTarget } from './hub-target.ts';
import { localSite, type RemoteSite, SiteConnection } from './site-connection.ts';

/** Connects to a hub as a person of it. Throws TB1620, TB1625 and connectLocal's; the caller closes. */
export async function connectHub(
  context: CliContext,
  target: HubTarget,
  role: 'operator' | 'officer',
): Promise<SiteConnection> {
  const { data, as, address } = target;
  const { clock } = context;
  if (address !== undefined) {
    if (as === undefined) throw fault('TB1620', { missing: '--as' });
    const identity = existingIdentity(as);
    noticeEnd(context, identity, readLeaf(identity));
    return SiteConnection.open(hubOf(context, identity, address), identity, 'open', clock);
  }
  if (data === undefined) throw fault('TB1620', { missing: '--data / --address' });
  const folder = openDataFolder(context, data);
  requireProgram(folder, 'hub');
  const identity = as === undefined ? onlyIdentity(folder.paths, role) : existingIdentity(as);
  noticeEnd(context, identity, readLeaf(identity));
  return SiteConnection.open(localSite(folder), identity, 'open', clock);
}

/**
 * The hub above the site of an identity: a county's is its province, a province's own persons ask the
 * province itself. Throws TB1625.
 */
export function hubOf(context: CliContext, identity: string, address: string): RemoteSite {
  const trustDomain = trustDomainOf(readRoot(identity));
  const policy = { trustDomain, nowMs: context.clock.nowMs(), revoked: new Set<string>() };
  const own = examinePeer(readLeaf(identity), policy);
  if ('refusal' in own) throw fault('TB1625', { path: identity, reason: own.refusal });
  const site = own.site.endsWith('0000') ? own.site : `${own.site.slice(0, 2)}0000`;
  const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(address) ?? [];
  return { site, trustDomain, host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
}
