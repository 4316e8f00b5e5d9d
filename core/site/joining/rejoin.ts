import { recordOf } from '../../../certs/certificate-record.ts';
import { parseToken } from '../../../certs/enrolment-token.ts';
import { fingerprintOf } from '../../../certs/fingerprint.ts';
import { generateKeyPair } from '../../../certs/key-pair.ts';
import { assert } from '../../base/assert.ts';
import { wipe } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import { Fault, fault } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { publicKeyOf } from '../../log/keys.ts';
import type { Act } from '../audit/audit.ts';
import { readAnchor } from '../directory.ts';
import type { RingAccess } from '../seal/ring-access.ts';
import type { SiteFolder } from '../site-folder.ts';
import { readOwnFolder, readOwnRing, storeInFolder, storeInRing } from '../trust/own-identity.ts';
import { type OwnIdentity, Trust } from '../trust/trust.ts';
import { type Enrolled, enrol } from './enrol.ts';
import type { EnrolmentPatience } from './enrolment-patience.ts';
import { journalPublicKey } from './journal-public-key.ts';
import { endedOperators, hasEnded, type Person, replacePerson } from './returned-person.ts';
import type { IssuedIdentity } from './store-identities.ts';
import { wipeKeys } from './store-identities.ts';
import type { WantedIdentity } from './wanted-identity.ts';

export interface RejoinOrder {
  /** The token line of the hub above. */
  readonly line: string;
  readonly folder: SiteFolder;
  readonly config: Config;
  /** The ring of the seal, which is open. */
  readonly keys: RingAccess;
  /** Officers who have opened the site here. */
  readonly officers: readonly string[];
  readonly patience: Omit<EnrolmentPatience, 'clock' | 'random'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Written down durably before a certificate is installed. */
  installing(which: 'gate' | 'data' | 'uplink', fingerprint: string): void;
}

export interface Rejoined {
  readonly hub: string;
  /** For `audit`, which is not open yet. */
  readonly acts: readonly Act[];
  /** Folders that were made, each for its person. */
  readonly people: readonly string[];
}

type Above = NonNullable<Config['uplink']>;

/** Throws TB1311, TB1315 for the token of another site, TB1381 for that of another hub: nothing was sent. */
export function checkRejoinToken(line: string, { site, uplink }: Config): Above {
  const token = parseToken(line);
  if (token.site !== site) throw fault('TB1315', { site });
  const hub = uplink?.site ?? '-';
  if (!uplink || token.hubSite !== hub) throw fault('TB1381', { site, found: token.hubSite, hub });
  return uplink;
}

/**
 * Enrols a site again that exists, because all its certificates towards the hub above have ended: with the
 * public keys that it always had, so that its logs go on, and with new keys in every certificate. The site
 * answers nobody yet. A crash in the middle, like any use of a token, costs another token. Throws what
 * `checkRejoinToken` and `enrol` throw, TB1380 with the right token line, TB1382, TB1390, TB1397.
 */
export async function rejoin(order: RejoinOrder): Promise<Rejoined> {
  const { config, line } = order;
  const above = checkRejoinToken(line, config);
  const isCounty = config.tier === 'county';
  const people = isCounty ? wantedPeople(order) : [];
  const wanted = [...(isCounty ? countyIdentities(order) : uplinkIdentity(order, above)), ...people];
  try {
    const enrolled = await ask(order, wanted);
    checkHub(order, enrolled);
    const acts = await install(order, enrolled, isCounty);
    const folders = storePeople(order, enrolled);
    return { hub: above.site, acts, people: folders };
  } finally {
    wipeKeys(wanted);
  }
}

/** The site's own keys are those of its ring: with others its logs could not go on. */
async function ask(order: RejoinOrder, wanted: readonly WantedIdentity[]): Promise<Enrolled> {
  const { line, config, folder, keys, patience, clock, random } = order;
  const { site } = config;
  const known = {
    log: publicKeyOf(keys.ring().key('log')),
    mirror: publicKeyOf(keys.ring().key('mirror')),
    journal: journalPublicKey(folder.seal, site, random),
  };
  try {
    return await enrol(line, wanted, known, { ...patience, clock, random });
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'TB1316') throw error;
    throw fault('TB1380', { site, line: tokenLine(site, wanted) }, error);
  }
}

/** The line that the hub has to run for this very enrolment. */
function tokenLine(site: string, wanted: readonly WantedIdentity[]): string {
  const people = wanted.filter(({ name }) => name !== '').map(({ role, name }) => ` --${role} ${name}`);
  return `tongbu hub token --site ${site} --rejoin${people.join('')}`;
}

function countyIdentities({ folder, config, keys }: RejoinOrder): WantedIdentity[] {
  const gate = readOwnFolder(folder.gate);
  const data = readOwnRing(folder.data, keys.ring(), 'tls');
  const wanted = [gate, data].map((own) => wantedAgain(own, config.trustDomain));
  wipe(gate.privateKey, data.privateKey);
  return wanted;
}

function uplinkIdentity({ folder, keys }: RejoinOrder, above: Above): WantedIdentity[] {
  const own = readOwnRing(folder.uplink, keys.ring(), 'tls-uplink');
  wipe(own.privateKey);
  return [wantedAgain(own, above.trustDomain)];
}

/** The same role, name and hosts as the certificate had, with a new key. */
function wantedAgain({ chain: [leaf] }: OwnIdentity, trustDomain: string): WantedIdentity {
  assert(leaf, 'a chain begins with its leaf');
  const { role, name, hosts } = recordOf(leaf, trustDomain);
  return { role, name, hosts, keys: generateKeyPair() };
}

/** Those who stand at the machine, unless a valid certificate of theirs lies there, and its operators. */
function wantedPeople({ folder, officers, clock }: RejoinOrder): WantedIdentity[] {
  const nowMs = clock.nowMs();
  const here = officers
    .map((name): Person => ({ role: 'officer', name }))
    .filter((person) => hasEnded(folder.people, person, nowMs) !== false);
  return [...here, ...endedOperators(folder.people, nowMs)].map(({ role, name }) => {
    return { role, name, hosts: [], keys: generateKeyPair() };
  });
}

/** A hub with other keys is another hub: its receipts would prove nothing about what was sent before. */
function checkHub({ folder }: RejoinOrder, { anchor }: Enrolled): void {
  const known = readAnchor(folder.anchor);
  const same = known.site === anchor.site && known.trustDomain === anchor.trustDomain;
  if (same && known.logKey === anchor.logKey && known.mirrorKey === anchor.mirrorKey) return;
  throw fault('TB1382', { hub: known.site });
}

async function install(order: RejoinOrder, enrolled: Enrolled, isCounty: boolean): Promise<Act[]> {
  const { folder, keys, clock } = order;
  const acts: Act[] = [];
  const installing = (which: 'gate' | 'data' | 'uplink', { chain }: OwnIdentity) => {
    const fingerprint = fingerprintOf(chain[0] ?? new Uint8Array());
    order.installing(which, fingerprint);
    const detail = `enrolled again at ${enrolled.anchor.site}`;
    acts.push({
      kind: 'certificate',
      step: 'installed',
      by: 'site',
      subject: `${which} ${fingerprint}`,
      detail,
    });
  };
  const ring = (which: 'data' | 'uplink', purpose: 'tls' | 'tls-uplink', own: OwnIdentity) => {
    installing(which, own);
    storeInRing(folder[which], purpose, own, keys, clock.nowMs());
  };
  const [first, second] = enrolled.issued.map(ownOf);
  assert(first, 'a site has asked for itself');
  if (!isCounty) {
    const before = readOwnRing(folder.uplink, keys.ring(), 'tls-uplink');
    await learn(order, folder.uplink, before, enrolled);
    ring('uplink', 'tls-uplink', first);
    return acts;
  }
  assert(second, 'a county has asked for gate and node');
  await learn(order, folder.gate, readOwnFolder(folder.gate), enrolled);
  installing('gate', first);
  storeInFolder(folder.gate, first);
  ring('data', 'tls', second);
  return acts;
}

/** As at a renewal: what the new chain hangs on is known before the chain is stored. */
async function learn({ clock, config }: RejoinOrder, folder: string, own: OwnIdentity, enrolled: Enrolled) {
  const { root, lists, issued } = enrolled;
  const trustDomain = config.uplink?.trustDomain ?? config.trustDomain;
  const trust = await Trust.open({ folder, trustDomain, clock }, own);
  await trust.learn({ roots: [root], issuers: issued[0]?.chain.slice(1) ?? [] });
  await trust.learnLists(lists);
  wipe(own.privateKey);
}

function storePeople({ folder, clock }: RejoinOrder, { issued, root, lists }: Enrolled): string[] {
  return issued.flatMap(({ role, name, chain, keys }) => {
    if (role !== 'officer' && role !== 'operator') return [];
    const identity = { root, lists, chain, privateKey: keys.privateKey };
    return replacePerson(folder.people, { role, name }, identity, clock.nowMs());
  });
}

function ownOf({ chain, keys: { privateKey } }: IssuedIdentity): OwnIdentity {
  return { chain, privateKey };
}
