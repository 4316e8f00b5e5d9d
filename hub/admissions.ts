import { recordOf } from '../certs/certificate-record.ts';
import type { Enrolled } from '../certs/enrolment.ts';
import { printGrant } from '../certs/identity.ts';
import { checkSeparation } from '../certs/role-separation.ts';
import { toHex } from '../core/base/bytes.ts';
import type { Clock } from '../core/base/clock.ts';
import type { Config } from '../core/base/config.ts';
import { fault } from '../core/base/errors.ts';
import type { Intake } from '../core/intake/intake.ts';
import type { Approvals } from '../core/site/approvals/approvals.ts';
import type { Audit } from '../core/site/audit/audit.ts';
import type { KnownSite } from '../core/site/directory.ts';
import { canRegister, registerSite } from '../core/site/joining/register-site.ts';
import type { Database } from '../core/store/database.ts';
import type { CertificateRegister } from './authority/certificate-register.ts';
import type { SqlTokenStore } from './sql-token-store.ts';

export interface AdmissionParts {
  readonly database: Database;
  readonly tokens: SqlTokenStore;
  readonly approvals: Approvals;
  readonly audit: Audit;
  readonly register: CertificateRegister;
  /** Where sites are entered. */
  readonly registry: Intake;
  readonly config: Pick<Config, 'site' | 'tier' | 'trustDomain'>;
  readonly clock: Clock;
}

/** The moment in which an approved enrolment becomes true at the hub. */
export class Admissions {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /**
   * False when the token was used before. The audit comes first; then token, approval, certificates and
   * registry change together or not at all. There is no await in it: a second use of the token finds it used.
   * After a failure nothing has been admitted, and the same question may be asked again. Throws TB1219,
   * TB1352, TB1376, TB1901 and what the database meets.
   */
  admit(enrolled: Enrolled): boolean {
    const { token, approval, use, keys, certificates } = enrolled;
    const { database, tokens, approvals, audit, register, registry, config, clock } = this.#parts;
    const records = certificates.map(({ certificate }) => recordOf(certificate, config.trustDomain));
    const grants = certificates.map(({ role, name }) => printGrant(role, name));
    if (tokens.isUsed(token.hash)) return false;
    checkSeparation(token.site, grants, this.held(token.site));
    if (records.some(({ keyId }) => register.knowsKey(keyId))) throw fault('TB1352');
    approvals.requireApproved(approval.id);
    audit.write({
      kind: 'enrolment',
      step: 'admitted',
      by: 'site',
      subject: `${token.site} ${grants.join(' ')}`,
      from: use.from,
      detail: `request ${approval.id}, keys ${approval.digest}`,
    });
    return database.transaction(() => {
      if (!tokens.consume(token.hash, use)) return false;
      approvals.finish(approval.id);
      for (const record of records) register.record(record, use.atMs);
      if (keys.log.length > 0) registerSite(registry, this.#siteOf(enrolled), config.site, clock);
      return true;
    });
  }

  /** Whether a new site of that name and trust domain could be entered: asked when its token is made. */
  fits(site: string, name: string, trustDomain: string): boolean {
    const { registry, config, clock } = this.#parts;
    const key = '0'.repeat(64);
    const known = { site, name, tier: this.#tierBelow(), trustDomain, logKey: key, mirrorKey: key };
    return canRegister(registry, known, config.site, clock);
  }

  /** Grants of the persons of a site whose certificates are in force. */
  held(site: string): string[] {
    return this.#parts.register
      .unexpired({ site }, this.#parts.clock.nowMs())
      .filter(({ name, revokedMs }) => name !== '' && revokedMs === undefined)
      .map(({ role, name }) => printGrant(role, name));
  }

  #siteOf({ token, keys }: Enrolled): KnownSite {
    const { config, tokens } = this.#parts;
    // Both are '' where a crash came between making the token and describing it; nobody was handed that one.
    const described = tokens.descriptionOf(token.hash);
    return {
      site: token.site,
      name: described?.name ?? token.site,
      tier: this.#tierBelow(),
      trustDomain: described?.trustDomain ?? config.trustDomain,
      logKey: toHex(keys.log),
      mirrorKey: toHex(keys.mirror),
    };
  }
  #tierBelow(): 'province' | 'county' {
    return this.#parts.config.tier === 'national' ? 'province' : 'county';
  }
}
