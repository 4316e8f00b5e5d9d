import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../../core/base/assert.ts';
import type { Clock } from '../../core/base/clock.ts';
import { fault } from '../../core/base/errors.ts';
import type { Text } from '../../core/base/language.ts';
import type { Random } from '../../core/base/random.ts';
import { newAgeIdentity } from '../../core/seal/age-identity.ts';
import { createAuthorityFolder, readAuthorityFolder } from '../../core/site/joining/authority-folder.ts';
import type { Holder } from '../../core/site/joining/new-seal.ts';
import { createHub } from '../../hub/create-hub.ts';
import { type CountyOrder, createCounty } from '../../node/create-county.ts';
import { DemoSite, type SiteLocation } from './demo-site.ts';
import { freePort } from './free-port.ts';

export interface CountyPlan {
  readonly code: string;
  readonly name: string;
}

export interface ConstellationPlan {
  readonly folder: string;
  readonly province: CountyPlan;
  readonly counties: readonly CountyPlan[];
  /** Whether a nation stands above the province. */
  readonly nation: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of every step, for the person who watches. */
  say(step: Text): void;
}

/** What an officer of a hub sees of the requests there. */
interface Requests {
  readonly requests: readonly { readonly id: string; readonly detail: Readonly<Record<string, string>> }[];
}

const officers = ['zhao', 'qian', 'sun'] as const;
/** Who comes to the ceremony; any two of the three would do. */
export const ceremonyOfficers: readonly string[] = officers.slice(0, 2);

/** A business system that speaks to each county's intake. */
const hospitalSystem = 'his';

const nationDomain = 'nation.example';
const provinceDomain = 'hunan.example';

/** What goes up to the nation. Identity stays in the province: `persons` is not in the contract. */
const contract = ['registry', 'catalog', 'enrollment', 'claims'];

/**
 * A nation, a province and counties as real processes on this machine, each with its own folder and people.
 */
export class Constellation {
  readonly #plan: ConstellationPlan;
  readonly #sites: DemoSite[] = [];
  readonly #enrolling = new AbortController();
  #stopped = false;

  constructor(plan: ConstellationPlan) {
    this.#plan = plan;
  }

  get sites(): readonly DemoSite[] {
    return this.#sites;
  }

  get nation(): DemoSite {
    return this.#at('national');
  }

  get province(): DemoSite {
    return this.#at('province');
  }

  get counties(): readonly DemoSite[] {
    return this.#sites.filter(({ location }) => location.tier === 'county');
  }

  county(code: string): DemoSite {
    const found = this.counties.find((site) => site.code === code);
    assert(found, `a county ${code}`);
    return found;
  }

  async create(): Promise<void> {
    const { province, counties, say } = this.#plan;
    const line = this.#plan.nation ? await this.#createNation() : undefined;
    await this.#open(await this.#createHub(province, 'province', provinceDomain, line));
    for (const county of counties) {
      const grants = [
        'gate',
        'node',
        'operator/demo',
        `business/${hospitalSystem}`,
        ...officers.map((name) => `officer/${name}`),
      ];
      const countyLine = await token(this.province, county, grants, '');
      await this.#open(await this.#createCounty(county, countyLine));
    }
    say({ en: 'every site is open', zh: '所有站点均已解封' });
  }

  /** Starts a site again and opens it, as after a power cut. */
  async revive(site: DemoSite): Promise<void> {
    await this.#start(site);
    await site.unseal(ceremonyOfficers);
  }

  /** Ends every site; none can be started any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#enrolling.abort();
    // Counties first: a hub that goes first only makes them call in vain.
    for (const site of [...this.#sites].reverse()) await site.stop();
  }

  /** Returns the token with which the province joins. */
  async #createNation(): Promise<string> {
    const plan = { code: '100000', name: '国家平台' };
    const nation = await this.#createHub(plan, 'national', nationDomain, undefined);
    await this.#open(nation);
    return token(nation, this.#plan.province, ['hub'], provinceDomain);
  }

  async #start(site: DemoSite): Promise<void> {
    if (this.#stopped) throw fault('TB1018');
    await site.start();
  }

  async #open(site: DemoSite): Promise<void> {
    const { code, name, tier } = site.location;
    await this.#start(site);
    await site.unseal(ceremonyOfficers);
    const who = ceremonyOfficers.join(', ');
    this.#plan.say({
      en: `${code} ${name} (${tier}): running; opened by ${who} with 2 of 3 shares`,
      zh: `${code} ${name}：已启动；由 ${who} 用 3 份中的 2 份解封`,
    });
  }

  async #createHub(
    plan: CountyPlan,
    tier: 'province' | 'national',
    trustDomain: string,
    uplinkToken: string | undefined,
  ): Promise<DemoSite> {
    const { folder, clock, random } = this.#plan;
    const location = await this.#locate(plan, tier);
    const ca = join(folder, 'authorities', plan.code);
    const key = await newAgeIdentity();
    await createAuthorityFolder(
      ca,
      { trustDomain, number: 1 },
      { recipients: [key.recipient] },
      { clock, random },
    );
    writeFileSync(join(ca, 'identity.age'), key.identity, { mode: 0o600 });
    const contractFile = join(folder, 'contract.yaml');
    if (tier === 'province')
      writeFileSync(contractFile, `logs:\n${contract.map((log) => `  - ${log}\n`).join('')}`);
    await createHub({
      ...(await this.#order(location)),
      site: plan.code,
      name: plan.name,
      tier,
      authority: await readAuthorityFolder(ca, { identities: [key.identity] }),
      enrolPort: await freePort(),
      uplinkToken,
      patience: this.#approvedBy(() => this.nation),
      contract: tier === 'province' ? contractFile : undefined,
    });
    return this.#add(location);
  }

  async #createCounty(plan: CountyPlan, line: string): Promise<DemoSite> {
    const location = await this.#locate(plan, 'county');
    const patience = this.#approvedBy(() => this.province);
    const order = await this.#order(location);
    await createCounty({ ...order, token: line, business: [hospitalSystem], patience });
    return this.#add(location);
  }

  async #locate({ code, name }: CountyPlan, tier: SiteLocation['tier']): Promise<SiteLocation> {
    const { folder } = this.#plan;
    const media = join(folder, 'officers', code);
    mkdirSync(media, { recursive: true, mode: 0o700 });
    mkdirSync(join(folder, 'logs'), { recursive: true, mode: 0o700 });
    const identities = new Map<string, string>();
    for (const officer of officers) {
      const { identity } = await newAgeIdentity();
      writeFileSync(join(media, `${officer}.age-identity`), `${identity}\n`, { mode: 0o600 });
      identities.set(officer, identity);
    }
    const dataDir = join(folder, 'sites', code);
    mkdirSync(join(folder, 'sites'), { recursive: true, mode: 0o700 });
    return {
      code,
      name,
      tier,
      dataDir,
      shares: media,
      identities,
      logFile: join(folder, 'logs', `${code}.log`),
    };
  }

  async #order({ dataDir, shares, identities }: SiteLocation) {
    const { clock, random } = this.#plan;
    const holders: Holder[] = [];
    for (const [officer, identity] of identities) {
      const { recipient } = await newAgeIdentity(identity);
      holders.push({ officer, lock: { recipients: [recipient] } });
    }
    return {
      folder: dataDir,
      operator: 'demo',
      holders,
      threshold: 2,
      sharesFolder: shares,
      hosts: ['127.0.0.1', 'localhost'],
      listen: { host: '127.0.0.1', port: await freePort() },
      language: 'en' as const,
      clock,
      random,
    };
  }

  /** An officer of the hub hears the words on the telephone; the operator's token alone admits nobody. */
  #approvedBy(hub: () => DemoSite): CountyOrder['patience'] {
    const [officer] = ceremonyOfficers;
    return {
      signal: this.#enrolling.signal,
      waiting: async ({ site, words, requestId }) => {
        const { code } = hub();
        const client = await hub().officer(officer ?? '');
        const { requests } = await client.unary<Requests>('approvals', 'Approvals', 'listRequests', {});
        const seen = requests.find(({ id }) => id === requestId)?.detail['words'];
        assert(seen === words, 'the officer sees the words that are read out');
        await client.unary('approvals', 'Approvals', 'approve', { id: requestId });
        client.close();
        this.#plan.say({
          en: `${site} asks for admission: ${officer} at ${code} compares the words ${words}, and approves`,
          zh: `${site} 申请准入：${code} 的 ${officer} 核对密钥词 ${words} 后批准`,
        });
      },
    };
  }

  #add(location: SiteLocation): DemoSite {
    const site = new DemoSite(location, this.#plan.clock);
    this.#sites.push(site);
    return site;
  }

  #at(tier: SiteLocation['tier']): DemoSite {
    const found = this.#sites.find(({ location }) => location.tier === tier);
    assert(found, `the ${tier} site is made first`);
    return found;
  }
}

async function token(
  hub: DemoSite,
  { code: site, name }: CountyPlan,
  grants: readonly string[],
  trustDomain: string,
): Promise<string> {
  const client = await hub.client();
  const request = { site, name, grants, trustDomain, lifeSeconds: 600 };
  const { line } = await client.unary<{ line: string }>('hub', 'Hub', 'createToken', request);
  return line;
}
