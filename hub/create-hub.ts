import { parseToken } from '../certs/enrolment-token.ts';
import { trustDomainOf } from '../certs/issued-identity.ts';
import { generateKeyPair } from '../certs/key-pair.ts';
import { issueLeaf } from '../certs/leaf.ts';
import { issueRevocationList } from '../certs/revocation-list.ts';
import { wipe } from '../core/base/bytes.ts';
import type { Clock } from '../core/base/clock.ts';
import { writeConfig } from '../core/base/config.ts';
import type { Language } from '../core/base/errors.ts';
import type { Random } from '../core/base/random.ts';
import { publicKeyOf } from '../core/log/keys.ts';
import type { KeyRing } from '../core/seal/key-ring.ts';
import { newRing } from '../core/seal/new-ring.ts';
import type { AuthorityParts } from '../core/site/authority-folder.ts';
import { writeAnchor } from '../core/site/directory.ts';
import { type Enrolled, enrol } from '../core/site/enrol.ts';
import { writeIdentity } from '../core/site/identity-folder.ts';
import { journalPublicKey } from '../core/site/journal-public-key.ts';
import { NewFolder } from '../core/site/new-folder.ts';
import { createSeal, type Holder } from '../core/site/new-seal.ts';
import { registerSite } from '../core/site/register-site.ts';
import { selfSite } from '../core/site/self-site.ts';
import { SiteData } from '../core/site/site-data.ts';
import type { SiteFolder } from '../core/site/site-folder.ts';
import {
  holdersOf,
  type IssuedIdentity,
  storeIdentities,
  wipeKeys,
  withTlsKey,
} from '../core/site/store-identities.ts';
import { firstIdentities, type WantedIdentity } from '../core/site/wanted-identity.ts';
import { certificateDays } from './enrolment-desk.ts';
import { hubDatasets, hubSchemas } from './hub-datasets.ts';

export interface HubOrder {
  readonly folder: string;
  readonly site: string;
  readonly name: string;
  readonly tier: 'province' | 'national';
  readonly authority: AuthorityParts;
  readonly operator: string;
  readonly holders: readonly Holder[];
  readonly threshold: number;
  readonly sharesFolder: string;
  /** Names and addresses under which counties reach the hub. */
  readonly hosts: readonly string[];
  readonly listen: { readonly host: string; readonly port: number };
  readonly enrolPort: number;
  /** Token of the nation, for a province that forwards. */
  readonly uplinkToken: string | undefined;
  readonly contract: string | undefined;
  readonly language: Language;
  readonly clock: Clock;
  readonly random: Random;
}

export interface HubMade {
  readonly site: string;
  readonly above: string | undefined;
  readonly manifestHash: string;
}

/** Makes a hub with its own authority; the folder appears whole or not at all. */
export async function createHub(order: HubOrder): Promise<HubMade> {
  const folder = new NewFolder(order.folder);
  try {
    const made = await make(order, folder.paths);
    folder.commit();
    return made;
  } catch (error) {
    folder.abandon();
    throw error;
  }
}

async function make(order: HubOrder, paths: SiteFolder): Promise<HubMade> {
  const { site, authority, holders, threshold, sharesFolder, clock, random } = order;
  const trustDomain = trustDomainOf(authority.root);
  const officers = holders.map(({ officer }) => officer);
  const wanted = firstIdentities('hub', order.hosts, order.operator, officers, []);
  const issued = await Promise.all(wanted.map((identity) => issue(order, trustDomain, identity)));
  storeIdentities(paths, issued, { root: authority.root, lists: await listsOf(order) });
  const purposes = ['db', 'log', 'mirror', 'field', 'backup', 'blind-index'] as const;
  const fresh = withTlsKey(await newRing(purposes, random, clock.nowMs()), issued, clock.nowMs());
  const signing = fresh.withKey('issuing-authority', authority.issuing.privateKey, clock.nowMs());
  fresh.wipe();
  const { ring, above } = await joinAbove(order, paths, signing);
  const manifestHash = await createSeal({
    folder: paths.seal,
    site,
    trustDomain,
    threshold,
    holders: holdersOf(holders, issued),
    ring,
    sharesFolder,
    clock,
    random,
  });
  createDatabase(order, paths, trustDomain, ring);
  describe(order, paths, trustDomain, above);
  ring.wipe();
  wipeKeys(wanted);
  return { site, above: above?.anchor.site, manifestHash };
}

async function issue(
  order: HubOrder,
  trustDomain: string,
  identity: WantedIdentity,
): Promise<IssuedIdentity> {
  const { authority, site, clock, random } = order;
  const { role, name, hosts, keys } = identity;
  const leaf = { identity: { trustDomain, site, role, name }, hosts, publicKey: keys.publicKey };
  const issued = await issueLeaf(
    authority.issuing,
    { ...leaf, lifeDays: certificateDays },
    { clock, random },
  );
  return { ...identity, chain: [issued.certificate, authority.issuing.certificate] };
}

async function listsOf({ authority, clock }: HubOrder): Promise<Uint8Array[]> {
  const nowMs = clock.nowMs();
  const lifeMs = certificateDays * 86_400_000;
  const number = Math.floor(nowMs / 60_000);
  const list = await issueRevocationList(authority.issuing, { number, revoked: [], nowMs, lifeMs });
  return [list, authority.rootList];
}

/** A province gets a certificate of the nation's authority; the two never share a context. */
async function joinAbove(
  order: HubOrder,
  paths: SiteFolder,
  ring: KeyRing,
): Promise<{ ring: KeyRing; above: Enrolled | undefined }> {
  const { uplinkToken, clock, random } = order;
  if (uplinkToken === undefined) return { ring, above: undefined };
  const keys = {
    log: publicKeyOf(ring.key('log')),
    mirror: publicKeyOf(ring.key('mirror')),
    journal: journalPublicKey(paths.seal, parseToken(uplinkToken).site, random),
  };
  const wanted: WantedIdentity = { role: 'hub', name: '', hosts: [], keys: generateKeyPair() };
  const above = await enrol(uplinkToken, [wanted], keys, clock);
  const { root, lists, anchor } = above;
  writeIdentity(paths.uplink, { root, lists, chain: above.issued[0]?.chain ?? [] });
  writeAnchor(paths.anchor, anchor);
  const grown = ring.withKey('tls-uplink', wanted.keys.privateKey, clock.nowMs());
  ring.wipe();
  wipe(wanted.keys.privateKey);
  return { ring: grown, above };
}

/** The hub's own file; its registry begins with the hub itself. */
function createDatabase(order: HubOrder, paths: SiteFolder, trustDomain: string, ring: KeyRing): void {
  const { site, name, tier, clock, random } = order;
  const own = hubDatasets;
  const schemas = hubSchemas;
  const data = new SiteData(
    { path: paths.hub, site, trustDomain, ring, own, schemas, clock, random },
    'create',
  );
  const self = selfSite({ site, name, tier, trustDomain }, ring);
  registerSite(data.intake('registry'), self, site, clock);
  data.close();
}

function describe(
  order: HubOrder,
  paths: SiteFolder,
  trustDomain: string,
  above: Enrolled | undefined,
): void {
  const { site, tier, listen, enrolPort, contract, language, hosts } = order;
  const [advertise] = hosts;
  const values = {
    site,
    tier,
    trustDomain,
    'listen.host': listen.host,
    'listen.port': listen.port,
    enrolPort,
    ...(advertise === undefined ? {} : { advertise }),
    ...(contract === undefined ? {} : { contract }),
    ...(above
      ? {
          'uplink.address': above.uplinkAddress,
          'uplink.site': above.anchor.site,
          'uplink.trustDomain': above.trustDomain,
        }
      : {}),
  };
  writeConfig(paths.config, values, language);
}
