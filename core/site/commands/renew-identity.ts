import { createRequest } from '../../../certs/certificate-request.ts';
import { fingerprintOf } from '../../../certs/fingerprint.ts';
import { checkIssued, trustDomainOf } from '../../../certs/issued-identity.ts';
import { generateKeyPair } from '../../../certs/key-pair.ts';
import { describeCertificate } from '../../../certs/leaf.ts';
import { requireLists } from '../../../certs/revocation-list.ts';
import { wipe } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { printResult } from '../../cli/output.ts';
import type { Peer } from '../../link/channel.ts';
import { FolderLock } from '../../store/folder-lock.ts';
import { SiteClient } from '../../wire/site-client.ts';
import type { Renewal } from '../trust/certificate-desk.ts';
import { readRoot } from '../trust/identity-folder.ts';
import { readOwnFolder, storeInFolder } from '../trust/own-identity.ts';
import { type OwnIdentity, Trust } from '../trust/trust.ts';
import { existingIdentity } from './caller.ts';
import { hubOf } from './connect-hub.ts';
import { openDataFolder } from './data-folder.ts';
import { localSite, type RemoteSite } from './site-connection.ts';

export interface RenewOptions {
  readonly identity: string;
  readonly address?: string;
  readonly data?: string;
}

/**
 * Renews the certificate of a person or system, with a new key. The new key is beside the old before the
 * certificate is replaced, so that there is a usable pair after a crash anywhere. Throws TB1109 while another
 * renewal runs in the folder, TB1620, TB1625, and what the hub refuses.
 */
export async function renewIdentity(context: CliContext, options: RenewOptions): Promise<void> {
  const folder = existingIdentity(options.identity);
  const lock = FolderLock.take(folder);
  try {
    const own = readOwnFolder(folder);
    const remote = remoteOf(context, folder, options);
    const trustDomain = trustDomainOf(readRoot(folder));
    const trust = await Trust.open({ folder, trustDomain, clock: context.clock }, own);
    const self = selfOf(trust, own, folder);
    await learnLists(context, trust, own, remote);
    const renewed = await ask(context, trust, own, self, remote);
    storeInFolder(folder, renewed);
    wipe(own.privateKey, renewed.privateKey);
    report(context, folder, renewed, self);
  } finally {
    lock.release();
  }
}

function remoteOf(context: CliContext, identity: string, { address, data }: RenewOptions): RemoteSite {
  if (address !== undefined) return hubOf(context, identity, address);
  if (data === undefined) throw fault('TB1620', { missing: '--address' });
  const folder = openDataFolder(context, data);
  const { tier, uplink } = folder.config;
  if (tier !== 'county') return localSite(folder);
  if (!uplink) throw fault('TB1620', { missing: '--address' });
  return hubOf(context, identity, uplink.address);
}

function selfOf(trust: Trust, { chain }: OwnIdentity, folder: string): Peer {
  const self = trust.examine(chain[0] ?? new Uint8Array());
  if ('refusal' in self) throw fault('TB1625', { path: folder, reason: self.refusal });
  return self;
}

/** With expired lists nothing could be checked; the hub's newer ones come first, and nothing else. */
async function learnLists(
  context: CliContext,
  trust: Trust,
  own: OwnIdentity,
  remote: RemoteSite,
): Promise<void> {
  if (trust.lapsed().length === 0) return;
  const client = clientOf(context, trust, own, remote, 'lapsed');
  try {
    type Answer = { readonly crls: readonly Uint8Array[]; readonly revoked: readonly string[] };
    const method = ['certificates', 'Certificates', 'getTrust'] as const;
    const { crls, revoked } = await client.unary<Answer>(...method, {});
    await trust.learn({ revoked });
    await trust.learnLists(crls);
  } finally {
    client.close();
  }
}

/** Checked whole before anything is stored: the chain, the key, the identity, and lists for all of it. */
async function ask(
  context: CliContext,
  trust: Trust,
  own: OwnIdentity,
  self: Peer,
  remote: RemoteSite,
): Promise<OwnIdentity> {
  const keys = generateKeyPair();
  const client = clientOf(context, trust, own, remote, 'checked');
  try {
    const csr = await createRequest(keys, `${self.site} ${self.role}`);
    const method = ['certificates', 'Certificates', 'renew'] as const;
    const answer = await client.unary<Renewal>(...method, { csr });
    const { chain, roots, issuers, crls } = answer;
    const [leaf, issuing] = chain;
    if (!leaf || !issuing) throw fault('TB1325', { reason: 'no chain of two' });
    await trust.learn({ roots, issuers });
    await trust.learnLists(crls);
    const root = trust.rootOf(chain);
    if (!root) throw fault('TB1325', { reason: 'the chain does not lead to a trusted root' });
    const { notBeforeMs, notAfterMs } = describeCertificate(leaf);
    // It was issued this moment, whatever this computer's clock says.
    const nowMs = Math.min(Math.max(context.clock.nowMs(), notBeforeMs), notAfterMs);
    checkIssued(chain, root, { ...self, privateKey: keys.privateKey }, nowMs);
    requireLists([issuing, root], trust.lists);
    await forget(trust, { chain, privateKey: keys.privateKey }, roots);
    return { chain, privateKey: keys.privateKey };
  } catch (error) {
    wipe(keys.privateKey);
    throw error;
  } finally {
    client.close();
  }
}

/** A root that the hub names no more is retired: its list ends, and would end the use of the others. */
async function forget(trust: Trust, renewed: OwnIdentity, roots: readonly Uint8Array[]): Promise<void> {
  trust.replaceOwn(renewed.chain, renewed.privateKey);
  const named = new Set(roots.map(fingerprintOf));
  const retired = trust.roots.map(fingerprintOf).filter((fingerprint) => !named.has(fingerprint));
  await trust.learn({ retired });
}

function clientOf(
  context: CliContext,
  trust: Trust,
  own: OwnIdentity,
  { site, host, port }: RemoteSite,
  lists: 'checked' | 'lapsed',
): SiteClient {
  const destination = { site, roles: ['hub'], host, port };
  return new SiteClient(trust.materialOf(own), destination, trust.examine, context.clock, lists);
}

function report(context: CliContext, folder: string, { chain }: OwnIdentity, self: Peer): void {
  const { fingerprint, notAfterMs } = describeCertificate(chain[0] ?? new Uint8Array());
  const { site, role, name } = self;
  const until = new Date(notAfterMs).toISOString();
  printResult(context, { folder, site, role, name, fingerprint, until }, () =>
    context.text({
      en: `The certificate of ${role} ${name} of ${site} is renewed until ${until}, with a new key.
The old one stays valid until its end; copies of it in browsers have to be made again.`,
      zh: `${site} 的 ${role} ${name} 证书已续期至 ${until}，并使用了新密钥。
旧证书在到期前仍有效；浏览器中的副本需要重新生成。`,
    }),
  );
}
