import { parseToken } from '../certs/enrolment-token.ts';
import { checkSeparation } from '../certs/role-separation.ts';
import type { Clock } from '../core/base/clock.ts';
import { writeConfig } from '../core/base/config.ts';
import type { Language } from '../core/base/errors.ts';
import type { Random } from '../core/base/random.ts';
import { publicKeyOf } from '../core/log/keys.ts';
import { newRing } from '../core/seal/new-ring.ts';
import { writeAnchor } from '../core/site/directory.ts';
import { type Enrolled, enrol } from '../core/site/joining/enrol.ts';
import type { EnrolmentPatience } from '../core/site/joining/enrolment-patience.ts';
import { journalPublicKey } from '../core/site/joining/journal-public-key.ts';
import { NewFolder } from '../core/site/joining/new-folder.ts';
import { createSeal, type Holder } from '../core/site/joining/new-seal.ts';
import { holdersOf, storeIdentities, wipeKeys, withTlsKey } from '../core/site/joining/store-identities.ts';
import { firstIdentities, grantOf } from '../core/site/joining/wanted-identity.ts';
import { SiteData } from '../core/site/site-data.ts';
import type { SiteFolder } from '../core/site/site-folder.ts';
import { countyDatasets } from './county-datasets.ts';

export interface CountyOrder {
  readonly folder: string;
  /** The line that the province handed over. */
  readonly token: string;
  readonly operator: string;
  readonly holders: readonly Holder[];
  /** Business systems that get a certificate at once. */
  readonly business: readonly string[];
  readonly threshold: number;
  readonly sharesFolder: string;
  /** Names and addresses under which the node is reached. */
  readonly hosts: readonly string[];
  readonly listen: { readonly host: string; readonly port: number };
  readonly language: Language;
  /** How to wait for the officers of the hub above. */
  readonly patience: Omit<EnrolmentPatience, 'clock' | 'random'>;
  readonly clock: Clock;
  readonly random: Random;
}

export interface CountyMade {
  readonly site: string;
  readonly hub: string;
  readonly manifestHash: string;
}

/**
 * Makes a county: keys here, certificates from the province in exchange for the token, a sealed ring, an
 * empty database. The folder appears whole or not at all; the token is used up by the enrolment in the
 * middle.
 */
export async function createCounty(order: CountyOrder): Promise<CountyMade> {
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

async function make(order: CountyOrder, paths: SiteFolder): Promise<CountyMade> {
  const { clock, random, holders, threshold, sharesFolder } = order;
  const { site } = parseToken(order.token);
  const officers = holders.map(({ officer }) => officer);
  const wanted = firstIdentities('node', order.hosts, order.operator, officers, order.business);
  checkSeparation(site, wanted.map(grantOf), []);
  const fresh = await newRing(['db', 'log', 'mirror', 'field', 'backup'], random, clock.nowMs());
  const keys = {
    log: publicKeyOf(fresh.key('log')),
    mirror: publicKeyOf(fresh.key('mirror')),
    journal: journalPublicKey(paths.seal, site, random),
  };
  const enrolled = await enrol(order.token, wanted, keys, { ...order.patience, clock, random });
  const { trustDomain, issued, root, lists, anchor } = enrolled;
  storeIdentities(paths, issued, { root, lists });
  const ring = withTlsKey(fresh, issued, clock.nowMs());
  const own = countyDatasets;
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
  new SiteData({ path: paths.node, site, trustDomain, ring, own, clock, random }, 'create').close();
  writeAnchor(paths.anchor, anchor);
  describe(order, paths, enrolled);
  ring.wipe();
  wipeKeys(wanted);
  return { site, hub: anchor.site, manifestHash };
}

function describe({ listen, language }: CountyOrder, paths: SiteFolder, enrolled: Enrolled): void {
  const { site, trustDomain, anchor, uplinkAddress } = enrolled;
  const values = {
    site,
    tier: 'county',
    trustDomain,
    'listen.host': listen.host,
    'listen.port': listen.port,
    'uplink.address': uplinkAddress,
    'uplink.site': anchor.site,
    'uplink.trustDomain': anchor.trustDomain,
  };
  writeConfig(paths.config, values, language);
}
