import { assert } from '../base/assert.ts';
import type { Uplink as UplinkConfig } from '../base/config.ts';
import type { Destination } from '../wire/site-client.ts';

/**
 * Where the hub above is reached, and whom a certificate there must name: the open hub alone. Its gate's key
 * lies on a disk, and must not be enough to be sent a county's data.
 */
export function destinationOf(above: UplinkConfig): Destination {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]+)$/.exec(above.address);
  const host = match?.[1] ?? match?.[2];
  assert(host !== undefined, 'a checked configuration has host:port');
  return { site: above.site, roles: ['hub'], host, port: Number(match?.[3]) };
}
