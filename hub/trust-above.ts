import type { Clock } from '../core/base/clock.ts';
import type { Config } from '../core/base/config.ts';
import type { Logger } from '../core/base/logger.ts';
import type { LogStore } from '../core/log/log-store.ts';
import { databaseKey } from '../core/site/databases/database-key.ts';
import type { Trouble } from '../core/site/open-site.ts';
import type { RingAccess } from '../core/site/seal/ring-access.ts';
import type { SiteFolder } from '../core/site/site-folder.ts';
import { AuthorityAbove } from '../core/site/trust/authority-above.ts';
import type { Renewable } from '../core/site/trust/certificate-agent.ts';
import { RegistryTrust } from '../core/site/trust/registry-trust.ts';
import { RingCertificate } from '../core/site/trust/ring-certificate.ts';
import { type OwnIdentity, Trust } from '../core/site/trust/trust.ts';
import { RegistryCopy } from './registry-copy.ts';

export interface TrustAboveParts {
  readonly folder: SiteFolder;
  readonly above: NonNullable<Config['uplink']>;
  /** Where the registry of the hub above is copied to. */
  readonly store: LogStore;
  readonly keys: RingAccess;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A hub towards the hub above, whose authority is another one: a certificate of that authority and what is
 * trusted there. The two never share a TLS context.
 */
export class TrustAbove {
  readonly trust: Trust;
  readonly #parts: TrustAboveParts;
  readonly #certificate: RingCertificate;
  readonly #copy: RegistryCopy;
  readonly #registry: RegistryTrust;

  private constructor(parts: TrustAboveParts, certificate: RingCertificate, trust: Trust) {
    const { folder, above, store, keys, clock, logger } = parts;
    this.#parts = parts;
    this.#certificate = certificate;
    this.trust = trust;
    const log = { origin: above.site, dataset: 'registry' };
    this.#copy = new RegistryCopy(folder.records, databaseKey(keys.ring()), store, log);
    this.#registry = new RegistryTrust(this.#copy.tables, trust, clock, logger);
    this.#registry.grew();
  }

  /** Throws TB1003, TB1322, TB1324, TB1398. */
  static async open(parts: TrustAboveParts): Promise<TrustAbove> {
    const { folder, above, keys, clock } = parts;
    const files = { name: 'uplink', folder: folder.uplink, purpose: 'tls-uplink' } as const;
    const certificate = new RingCertificate({ ...files, keys, clock });
    const { trustDomain } = above;
    const trust = await Trust.open({ folder: folder.uplink, trustDomain, clock }, certificate.own);
    return new TrustAbove(parts, certificate, trust);
  }

  get own(): OwnIdentity {
    return this.#certificate.own;
  }

  /** The copied registry has grown. */
  grew(): void {
    this.#copy.catchUp();
    this.#registry.grew();
  }

  renewable(): Renewable {
    const { above, clock } = this.#parts;
    const authority = new AuthorityAbove(above, this.trust, clock);
    return this.#certificate.renewable(this.trust, (csr) => authority.renew(this.own, csr));
  }

  troubles(): Trouble[] {
    const problem = this.#registry.problem();
    const faults = problem ? [problem, ...this.trust.troubles()] : this.trust.troubles();
    return faults.map((fault) => ({ origin: this.#parts.above.site, fault }));
  }

  close(): void {
    this.#copy.close();
    this.#certificate.wipe();
  }
}
