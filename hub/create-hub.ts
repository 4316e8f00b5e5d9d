import { backDateMs } from '../certs/authority.ts';
import { parseToken } from '../certs/enrolment-token.ts';
import { trustDomainOf } from '../certs/issued-identity.ts';
import { generateKeyPair } from '../certs/key-pair.ts';
import { issueLeaf } from '../certs/leaf.ts';
import { issueRevocationList, issuingListLifeMs } from '../certs/revocation-list.ts';
import { checkSeparation } from '../certs/role-separation.ts';
import { assert } from '../core/base/assert.ts';
import { wipe } from '../core/base/bytes.ts';
import type { Clock } from '../core/base/clock.ts';
import { writeConfig } from '../core/base/config.ts';
import type { Language } from '../core/base/errors.ts';
import type { Random } from '../core/base/random.ts';
import { publicKeyOf } from '../core/log/keys.ts';
import type { KeyRing } from '../core/seal/key-ring.ts';
import { newRing } from '../core/seal/new-ring.ts';
import { Approvals } from '../core/site/approvals/approvals.ts';
import { Audit } from '../core/site/audit/audit.ts';
import { writeAnchor } from '../core/site/directory.ts';
import type { AuthorityParts } from '../core/site/joining/authority-folder.ts';
import { type Enrolled, enrol } from '../core/site/joining/enrol.ts';
import type { EnrolmentPatience } from '../core/site/joining/enrolment-patience.ts';
import { journalPublicKey } from '../core/site/joining/journal-public-key.ts';
import { NewFolder } from '../core/site/joining/new-folder.ts';
import { createSeal, type Holder } from '../core/site/joining/new-seal.ts';
import { registerSite } from '../core/site/joining/register-site.ts';
import { selfSite } from '../core/site/joining/self-site.ts';
import {
  holdersOf,
  type IssuedIdentity,
  storeIdentities,
  wipeKeys,
  withTlsKey,
} from '../core/site/joining/store-identities.ts';
import { firstIdentities, grantOf, type WantedIdentity } from '../core/site/joining/wanted-identity.ts';
import { SiteData } from '../core/site/site-data.ts';
import type { SiteFolder } from '../core/site/site-folder.ts';
import { writeIdentity } from '../core/site/trust/identity-folder.ts';
import { type AuthorityBeginning, beginAuthority } from './authority/begin-authority.ts';
import { openAuthority } from './authority/open-authority.ts';
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
  /** How to wait for the officers of the hub above. */
  readonly patience: Omit<EnrolmentPatience, 'clock' | 'random'>;
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
  checkSeparation(site, wanted.map(grantOf), []);
  const issued = await Promise.all(wanted.map((identity) => issue(order, trustDomain, identity)));
  const lists = await listsOf(order);
  storeIdentities(paths, issued, { root: authority.root, lists });
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
  const leafs = issued.flatMap(({ chain }) => chain.slice(0, 1));
  const { root, issuing } = authority;
  const beginning = { root, issuing: issuing.certificate, lists, leafs };
  await createDatabase(order, paths, trustDomain, ring, beginning);
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
  const issued = await issueLeaf(authority.issuing, leaf, { clock, random });
  return { ...identity, chain: [issued.certificate, authority.issuing.certificate] };
}

async function listsOf({ authority, clock }: HubOrder): Promise<Uint8Array[]> {
  const nowMs = clock.nowMs() - backDateMs;
  const lifeMs = issuingListLifeMs + backDateMs;
  const list = await issueRevocationList(authority.issuing, { number: 1, revoked: [], nowMs, lifeMs });
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
  const above = await enrol(uplinkToken, [wanted], keys, { ...order.patience, clock, random });
  const { root, lists, anchor } = above;
  writeIdentity(paths.uplink, { root, lists, chain: above.issued[0]?.chain ?? [] });
  writeAnchor(paths.anchor, anchor);
  const grown = ring.withKey('tls-uplink', wanted.keys.privateKey, clock.nowMs());
  ring.wipe();
  wipe(wanted.keys.privateKey);
  return { ring: grown, above };
}

/** The hub's own file; its registry begins with the hub itself and its authority. */
async function createDatabase(
  order: HubOrder,
  paths: SiteFolder,
  trustDomain: string,
  ring: KeyRing,
  beginning: AuthorityBeginning,
): Promise<void> {
  const { site, name, tier, clock, random } = order;
  const own = hubDatasets;
  const schemas = hubSchemas;
  const data = new SiteData(
    { path: paths.hub, site, trustDomain, ring, own, schemas, clock, random },
    'create',
  );
  const self = selfSite({ site, name, tier, trustDomain }, ring);
  registerSite(data.intake('registry'), self, site, clock);
  const audit = new Audit({ intake: data.intake('audit'), site, clock, random, grew: () => {} });
  const authority = openAuthority({
    config: { site, trustDomain, certificateDays: 0 },
    clock,
    random,
    data,
    // Nothing is signed here any more, and nobody is connected.
    keys: { ring: () => ring, replace: () => assert(false, 'a new ring is not changed') },
    audit,
    approvals: new Approvals(data.store.database, audit, clock, random),
    enforcement: { learn: async () => {}, cut: () => {} },
    grew: () => {},
  });
  await beginAuthority(authority, beginning);
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
