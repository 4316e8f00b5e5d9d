import { keyIdOf } from '../certs/certificate-record.ts';
import { type Enrolled, Enrolment, type EnrolmentAuthority } from '../certs/enrolment.ts';
import { isRole, serves } from '../certs/identity.ts';
import { assert } from '../core/base/assert.ts';
import type { Clock } from '../core/base/clock.ts';
import type { Config } from '../core/base/config.ts';
import { fault } from '../core/base/errors.ts';
import type { Random } from '../core/base/random.ts';
import { protocol } from '../core/link/limits.ts';
import type { Approvals } from '../core/site/approvals/approvals.ts';
import type { Audit } from '../core/site/audit/audit.ts';
import { type Anchor, type KnownSite, knownSiteOf } from '../core/site/directory.ts';
import type { TokenOrder } from '../core/site/open-site.ts';
import type { SiteData } from '../core/site/site-data.ts';
import type { SiteFolder } from '../core/site/site-folder.ts';
import { EnrolmentListener } from '../core/wire/enrolment-service.ts';
import type { TlsMaterial } from '../core/wire/tls-material.ts';
import { Admissions } from './admissions.ts';
import type { AuthorityParts } from './authority/authority-parts.ts';
import type { Generation } from './authority/issuers.ts';
import { HubEnrolmentApprovals } from './enrolment-approvals.ts';
import { SqlTokenStore } from './sql-token-store.ts';

export interface EnrolmentDeskParts {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly data: SiteData;
  readonly audit: Audit;
  readonly approvals: Approvals;
  readonly authority: AuthorityParts;
  readonly material: TlsMaterial;
  /** This hub, as new sites are told of it. */
  readonly self: KnownSite;
  /** Where this hub's replication is reached. */
  port(): number;
  /** A site was admitted: the registry has grown. */
  admitted(site: string): void;
}

/** Admits new sites: tokens out, certificates and registry entries in return. */
export class EnrolmentDesk {
  readonly #parts: EnrolmentDeskParts;
  readonly #tokens: SqlTokenStore;
  readonly #admissions: Admissions;
  readonly #enrolment: Enrolment;
  readonly #listener: EnrolmentListener;
  /** The hub's own certificate, and its issuing authority. */
  #chain: TlsMaterial['chain'];
  #port = 0;

  constructor(parts: EnrolmentDeskParts) {
    const { clock, random, data, material, config, audit, approvals } = parts;
    this.#parts = parts;
    const { database } = data.store;
    const tokens = new SqlTokenStore(database);
    this.#tokens = tokens;
    this.#admissions = new Admissions({
      database,
      tokens,
      approvals,
      audit,
      register: parts.authority.register,
      registry: data.intake('registry'),
      config,
      clock,
    });
    this.#enrolment = new Enrolment({
      tokens: this.#tokens,
      approvals: new HubEnrolmentApprovals({
        approvals,
        audit,
        tokens,
        clock,
        site: config.site,
        known: (site) => this.#known(site),
      }),
      issuance: { clock, random },
      authority: () => this.#authority(),
      held: (site) => this.#admissions.held(site),
      register: async (enrolled) => this.#admit(enrolled),
    });
    const host = {
      describe: () => ({
        site: config.site,
        sealed: false,
        epoch: 0,
        protocolMin: protocol.min,
        protocolMax: protocol.max,
      }),
      revokedMs: async (fingerprint: string) => parts.authority.register.find(fingerprint)?.revokedMs,
      enrol: (request: Parameters<Enrolment['enrol']>[0], from: string) =>
        this.#enrolment.enrol(request, from),
      withdraw: (token: Uint8Array, requestId: string, from: string) =>
        this.#enrolment.withdraw(token, requestId, from),
    };
    this.#chain = material.chain;
    this.#listener = new EnrolmentListener(this.#withRoot(material), host, clock);
  }

  async listen(): Promise<number> {
    const { config } = this.#parts;
    this.#port = await this.#listener.listen(config.listen.host, config.enrolPort);
    return this.#port;
  }

  async createToken(order: TokenOrder): Promise<{ line: string; expiresMs: number }> {
    const { config } = this.#parts;
    const { site, grants, lifeMs, by } = order;
    if (site === config.site) checkOwn(grants);
    else if (!mayAdmit(config, site)) throw fault('TB1703', { site });
    // A site that comes back keeps what the registry says of it.
    const known = this.#known(site);
    const name = order.name.slice(0, 100) || known?.name || site;
    const trustDomain = order.trustDomain || known?.trustDomain || config.trustDomain;
    if (!this.#admissions.fits(site, name, trustDomain))
      throw fault('TB1317', { reason: 'the registry takes no such name or trust domain' });
    const where = { hubSite: config.site, host: config.advertise ?? config.listen.host, port: this.#port };
    const { line, stored } = await this.#enrolment.createToken({
      site,
      grants,
      lifeMs,
      createdBy: `${by.role}/${by.name}`,
      ...where,
    });
    this.#tokens.describe(stored.hash, name, trustDomain);
    // Before it is handed out: a token that nobody can be asked about is never known to anybody.
    this.#parts.audit.write({
      kind: 'enrolment',
      step: 'token-made',
      by,
      subject: `${site} ${grants.join(' ')}`,
      ...(by.address === undefined ? {} : { from: by.address }),
    });
    return { line, expiresMs: stored.expiresMs };
  }

  /** Another certificate of the hub for those who come from now on. Throws TB1320. */
  replace(material: TlsMaterial): void {
    this.#listener.replace(this.#withRoot(material));
    this.#chain = material.chain;
  }

  close(): void {
    this.#listener.close();
  }

  /**
   * The authority of the hub's own certificate, because the new site knows its root and no other yet; during
   * a roll-over it learns the next one from the registry. Throws TB1702.
   */
  async #authority(): Promise<EnrolmentAuthority> {
    const { config } = this.#parts;
    const { issuers, lists } = this.#parts.authority;
    const generation = this.#generationOf(this.#chain);
    const { root, issuing, rootId, authorityId } = generation;
    return {
      trustDomain: config.trustDomain,
      root,
      issuing,
      signing: (work) => issuers.signing(generation, work),
      crls: [authorityId, rootId].flatMap((id) => lists.of(id)?.der ?? []),
      lifeDays: config.certificateDays,
    };
  }

  /** The stranger compares the last certificate with its token: the root above this very chain. */
  #withRoot(material: TlsMaterial): TlsMaterial {
    const { chain } = material;
    return { ...material, chain: [...chain, this.#generationOf(chain).root] };
  }

  #generationOf([, issuing]: TlsMaterial['chain']): Generation {
    assert(issuing, 'a hub has its chain');
    const found = this.#parts.authority.issuers.of(keyIdOf(issuing));
    if (!found) throw fault('TB1702', { site: this.#parts.config.site });
    return found;
  }

  #admit(enrolled: Enrolled): Uint8Array | undefined {
    if (!this.#admissions.admit(enrolled)) return undefined;
    if (enrolled.keys.log.length > 0) this.#parts.admitted(enrolled.token.site);
    const anchor: Anchor = { ...this.#parts.self, port: this.#parts.port() };
    return Buffer.from(JSON.stringify(anchor));
  }

  #known(site: string): KnownSite | undefined {
    const { table, values } = this.#parts.data.tables('registry').at(`site/${site}`);
    const row = table.get(values, 'shown');
    return row && knownSiteOf(row.fields);
  }
}

/** Persons of the hub itself get certificates like those of any site; its own come from `hub init`. */
function checkOwn(grants: readonly string[]): void {
  const forSite = grants.find((grant) => isRole(grant) && serves(grant));
  if (forSite !== undefined) throw fault('TB1377', { grant: forSite });
}

/** A province admits the counties of its own code; the nation admits provinces. */
export function mayAdmit(config: Pick<Config, 'tier' | 'site'>, site: string): boolean {
  if (!/^[1-9][0-9]{5}$/.test(site) || site === config.site) return false;
  if (config.tier === 'national') return site.endsWith('0000');
  return site.startsWith(config.site.slice(0, 2)) && !site.endsWith('0000');
}
