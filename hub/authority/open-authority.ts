import type { Clock } from '../../core/base/clock.ts';
import type { Random } from '../../core/base/random.ts';
import type { Approvals } from '../../core/site/approvals/approvals.ts';
import type { Audit } from '../../core/site/audit/audit.ts';
import type { RingAccess } from '../../core/site/seal/ring-access.ts';
import type { SiteData } from '../../core/site/site-data.ts';
import type { AuthorityParts, Enforcement } from './authority-parts.ts';
import { CertificateRegister } from './certificate-register.ts';
import { Issuers } from './issuers.ts';
import { RevocationLists } from './revocation-lists.ts';
import { TrustRegistry } from './trust-registry.ts';
import { Turns } from './turns.ts';

export interface AuthoritySetting {
  readonly config: { readonly site: string; readonly trustDomain: string; readonly certificateDays: number };
  readonly clock: Clock;
  readonly random: Random;
  readonly data: SiteData;
  readonly keys: RingAccess;
  readonly audit: Audit;
  readonly approvals: Approvals;
  readonly enforcement: Enforcement;
  grew(): void;
}

/** The parts of an authority over the hub's own file. */
export function openAuthority(setting: AuthoritySetting): AuthorityParts {
  const { config, clock, data, keys } = setting;
  const { site, trustDomain, certificateDays } = config;
  const { database } = data.store;
  const register = new CertificateRegister(database);
  const issuers = new Issuers(database, keys, site);
  return {
    ...setting,
    site,
    trustDomain,
    days: certificateDays,
    database,
    register,
    issuers,
    lists: new RevocationLists(database, register, issuers, clock),
    registry: new TrustRegistry(data.intake('registry'), site, clock),
    turns: new Turns(),
  };
}
