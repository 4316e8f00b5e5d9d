import { type Enrolled, Enrolment, type EnrolmentAuthority } from '../certs/enrolment.ts';
import { issueRevocationList } from '../certs/revocation-list.ts';
import { assert } from '../core/base/assert.ts';
import { toHex } from '../core/base/bytes.ts';
import type { Clock } from '../core/base/clock.ts';
import type { Config } from '../core/base/config.ts';
import { fault } from '../core/base/errors.ts';
import type { Random } from '../core/base/random.ts';
import { protocol } from '../core/link/limits.ts';
import type { KeyRing } from '../core/seal/key-ring.ts';
import type { Anchor, KnownSite } from '../core/site/directory.ts';
import type { TokenOrder } from '../core/site/open-site.ts';
import { registerSite } from '../core/site/register-site.ts';
import type { SiteData } from '../core/site/site-data.ts';
import type { SiteFolder } from '../core/site/site-folder.ts';
import { EnrolmentListener } from '../core/wire/enrolment-service.ts';
import type { TlsMaterial } from '../core/wire/tls-material.ts';
import { SqlTokenStore } from './sql-token-store.ts';

/** As long as certificates live at most: nothing renews either of them yet. */
export const certificateDays = 30;

export interface EnrolmentDeskParts {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly ring: KeyRing;
  readonly data: SiteData;
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
  readonly #enrolment: Enrolment;
  readonly #listener: EnrolmentListener;
  #port = 0;

  constructor(parts: EnrolmentDeskParts) {
    const { clock, random, data, material, config } = parts;
    this.#parts = parts;
    this.#tokens = new SqlTokenStore(data.store.database);
    this.#enrolment = new Enrolment({
      tokens: this.#tokens,
      issuance: { clock, random },
      authority: () => this.#authority(),
      register: async (enrolled) => this.#register(enrolled),
    });
    const withRoot = { ...material, chain: [...material.chain, ...material.roots.slice(0, 1)] };
    const host = {
      describe: () => ({
        site: config.site,
        sealed: false,
        epoch: 0,
        protocolMin: protocol.min,
        protocolMax: protocol.max,
      }),
      revokedMs: async () => undefined,
      enrol: (request: Parameters<Enrolment['enrol']>[0], from: string) =>
        this.#enrolment.enrol(request, from),
    };
    this.#listener = new EnrolmentListener(withRoot, host, clock);
  }

  async listen(): Promise<number> {
    const { config } = this.#parts;
    this.#port = await this.#listener.listen(config.listen.host, config.enrolPort);
    return this.#port;
  }

  async createToken(order: TokenOrder): Promise<{ line: string; expiresMs: number }> {
    const { config } = this.#parts;
    if (!mayAdmit(config, order.site)) throw fault('TB1703', { site: order.site });
    const { site, grants, lifeMs, by } = order;
    const where = { hubSite: config.site, host: config.advertise ?? config.listen.host, port: this.#port };
    const { line, stored } = await this.#enrolment.createToken({
      site,
      grants,
      lifeMs,
      createdBy: by,
      ...where,
    });
    this.#tokens.describe(
      stored.hash,
      order.name.slice(0, 100) || site,
      order.trustDomain || config.trustDomain,
    );
    return { line, expiresMs: stored.expiresMs };
  }

  close(): void {
    this.#listener.close();
  }

  async #authority(): Promise<EnrolmentAuthority> {
    const { ring, config, material, clock } = this.#parts;
    if (!ring.has('issuing-authority')) throw fault('TB1702', { site: config.site });
    const [, issuingCertificate] = material.chain;
    const [root] = material.roots;
    assert(issuingCertificate && root, 'a hub has its chain and root');
    const issuing = { certificate: issuingCertificate, privateKey: ring.key('issuing-authority') };
    const rootList = material.lists.find(({ authority }) => / root /i.test(` ${authority} `));
    assert(rootList, 'the root has its list');
    const nowMs = clock.nowMs();
    const lifeMs = certificateDays * 86_400_000;
    // Counts minutes, so that it grows with each list without being stored.
    const number = Math.floor(nowMs / 60_000);
    const list = await issueRevocationList(issuing, { number, revoked: [], nowMs, lifeMs });
    const crls = [list, rootList.der];
    return { trustDomain: config.trustDomain, root, issuing, crls, lifeDays: certificateDays };
  }

  #register({ token, use, keys, certificates }: Enrolled): Uint8Array {
    const { data, self, config } = this.#parts;
    const { database } = data.store;
    const insert = database.prepare(
      `INSERT INTO certificate (fingerprint, serial, site, role, name, not_after_ms, issued_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    database.transaction(() => {
      for (const { fingerprint, serial, role, name, notAfterMs } of certificates) {
        insert.run(fingerprint, serial, token.site, role, name, notAfterMs, use.atMs);
      }
    });
    if (keys.log.length > 0) {
      const described = this.#tokens.descriptionOf(token.hash);
      const known: KnownSite = {
        site: token.site,
        name: described?.name ?? token.site,
        tier: config.tier === 'national' ? 'province' : 'county',
        trustDomain: described?.trustDomain ?? config.trustDomain,
        logKey: toHex(keys.log),
        mirrorKey: toHex(keys.mirror),
      };
      registerSite(data.intake('registry'), known, config.site, this.#parts.clock);
      this.#parts.admitted(token.site);
    }
    const anchor: Anchor = { ...self, port: this.#parts.port() };
    return Buffer.from(JSON.stringify(anchor));
  }
}

/** A province admits the counties of its own code; the nation admits provinces. */
export function mayAdmit(config: Pick<Config, 'tier' | 'site'>, site: string): boolean {
  if (!/^[1-9][0-9]{5}$/.test(site) || site === config.site) return false;
  if (config.tier === 'national') return site.endsWith('0000');
  return site.startsWith(config.site.slice(0, 2)) && !site.endsWith('0000');
}
