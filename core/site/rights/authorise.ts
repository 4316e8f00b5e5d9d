import { type Fault, fault } from '../../base/errors.ts';
import type { Peer } from '../../link/channel.ts';
import type { Right } from './right.ts';
import { rights } from './rights.ts';

/**
 * Why this peer may not call this method of `site`; undefined when it may. A method without a rule is
 * refused.
 */
export function authorise(site: string, peer: Peer, method: string): Fault | undefined {
  const right = Object.hasOwn(rights, method) ? rights[method] : undefined;
  const may = right !== undefined && allows(right, site, peer);
  return may ? undefined : fault('TB1606', { role: peer.role, method });
}

function allows({ own, area, any }: Right, site: string, peer: Peer): boolean {
  const named = (roles: readonly string[] | undefined) => roles?.includes(peer.role) ?? false;
  if (named(own)) return peer.site === site;
  if (named(area)) return isCityOf(peer.site, site);
  return named(any);
}

/** GB/T 2260: a province ends in four zeros, its cities begin with its two digits and end in two zeros. */
function isCityOf(city: string, province: string): boolean {
  if (!/^[1-9][0-9]0000$/.test(province) || province === '100000') return false;
  return /^[0-9]{4}00$/.test(city) && city !== province && city.slice(0, 2) === province.slice(0, 2);
}
