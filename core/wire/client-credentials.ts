import { isIP } from 'node:net';
import { checkServerIdentity as checkHost, createSecureContext, type PeerCertificate } from 'node:tls';
import { type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js';
import type { Clock } from '../base/clock.ts';
import {
  contextOptions,
  contextOptionsOfStranger,
  contextOptionsWithoutLists,
  type Examine,
  type TlsMaterial,
} from './tls-material.ts';

/** Whom the caller means to reach; a genuine certificate of anybody else is refused. */
export interface ExpectedServer {
  readonly site: string;
  readonly roles: readonly string[];
}

/** What every channel needs: a connection of its own, so that new credentials get a new one. */
export const channelOptions = {
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0,
} as const;

const addressSuffix = '.address.invalid';

/**
 * The same for a host. For an address the transport would send it as the server name, which is against
 * RFC 6066 and gives a warning on stderr; so it sends another name, which `hostOf` turns back for the check.
 */
export function channelOptionsFor(host: string): ChannelOptions {
  const name = isIP(host) > 0 ? host.replaceAll(/[.:]/g, '-') + addressSuffix : undefined;
  return name === undefined ? channelOptions : { ...channelOptions, 'grpc.ssl_target_name_override': name };
}

/**
 * Mutual TLS 1.3 to one site. New material means new credentials and a new channel: open the new streams,
 * then close the old channel. Throws TB1320, TB1321.
 */
export function clientCredentials(
  material: TlsMaterial,
  expected: ExpectedServer,
  examine: Examine,
  clock: Pick<Clock, 'nowMs'>,
): ChannelCredentials {
  return secure(createSecureContext(contextOptions(material, clock.nowMs())), expected, examine);
}

/**
 * Without revocation lists. A site that was off line for longer than its lists live would refuse the hub; it
 * uses this for one Pull of the registry, takes the newer lists from it, and then `clientCredentials`.
 */
export function clientCredentialsForRegistry(
  material: Omit<TlsMaterial, 'lists'>,
  expected: ExpectedServer,
  examine: Examine,
): ChannelCredentials {
  return secure(createSecureContext(contextOptionsWithoutLists(material)), expected, examine);
}

/** For a caller without certificate who has pinned the root (DER): the enrolling site. */
export function strangerCredentials(
  root: Uint8Array,
  expected: ExpectedServer,
  examine: Examine,
): ChannelCredentials {
  return secure(createSecureContext(contextOptionsOfStranger(root)), expected, examine);
}

function secure(
  context: ReturnType<typeof createSecureContext>,
  expected: ExpectedServer,
  examine: Examine,
): ChannelCredentials {
  return credentials.createFromSecureContext(context, {
    // This replaces Node's check of the host, so that comes first.
    checkServerIdentity: (name, certificate) =>
      checkHost(hostOf(name), certificate) ?? checkSite(certificate, expected, examine),
  });
}

function hostOf(name: string): string {
  if (!name.endsWith(addressSuffix)) return name;
  const digits = name.slice(0, -addressSuffix.length);
  const v4 = digits.replaceAll('-', '.');
  return isIP(v4) === 4 ? v4 : digits.replaceAll('-', ':');
}

function checkSite(
  certificate: PeerCertificate,
  expected: ExpectedServer,
  examine: Examine,
): Error | undefined {
  const peer = examine(certificate.raw);
  if ('refusal' in peer)
    return new Error(`not the expected server: its certificate is refused, ${peer.refusal}`);
  if (peer.site === expected.site && expected.roles.includes(peer.role)) return undefined;
  return new Error(`not the expected server: it is ${peer.site} ${peer.role}, not ${expected.site}`);
}
