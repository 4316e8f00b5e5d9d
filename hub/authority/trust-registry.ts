import { assert } from '../../core/base/assert.ts';
import type { Clock } from '../../core/base/clock.ts';
import type { Intake } from '../../core/intake/intake.ts';
import type { RegisteredCertificate } from './certificate-register.ts';
import type { Generation } from './issuers.ts';
import type { StoredList } from './revocation-lists.ts';

/** What every site learns of the authority by replication: entries of this hub's registry. */
export class TrustRegistry {
  readonly #registry: Intake;
  readonly #site: string;
  readonly #clock: Pick<Clock, 'nowMs'>;

  constructor(registry: Intake, site: string, clock: Pick<Clock, 'nowMs'>) {
    this.#registry = registry;
    this.#site = site;
    this.#clock = clock;
  }

  authority({ rootFingerprint, root, issuing, state }: Omit<Generation, 'trustedMs'>): void {
    const base64 = (der: Uint8Array) => Buffer.from(der).toString('base64');
    this.#put('authority', {
      root_fpr: rootFingerprint,
      root_der: base64(root),
      issuing_der: base64(issuing),
      stas: state,
    });
  }

  list({ authorityId, number, nextUpdateMs, der }: StoredList): void {
    this.#put('list', {
      authority_id: authorityId,
      list_no: String(number),
      next_update: new Date(nextUpdateMs).toISOString(),
      der: Buffer.from(der).toString('base64'),
    });
  }

  revocation(
    { fingerprint, site, role, name }: RegisteredCertificate,
    revokedMs: number,
    reason: string,
  ): void {
    this.#put('revocation', {
      cert_fpr: fingerprint,
      site_code: site,
      role,
      holder: name === '' ? undefined : name,
      revoked_at: new Date(revokedMs).toISOString(),
      reason,
    });
  }

  /** State of a site in the registry; undefined for an unknown one. */
  stateOf(site: string): string | undefined {
    return this.#site_(site)?.['stas'];
  }

  /** Its received log stays; nothing more is taken from it. */
  dismiss(site: string): void {
    const fields = this.#site_(site);
    assert(fields, 'only a site of the registry is dismissed');
    this.#put('site', { ...fields, stas: '3' });
  }

  #site_(site: string): Record<string, string> | undefined {
    const { table, values } = this.#registry.tables.at(`site/${site}`);
    const row = table.get(values, 'shown');
    if (!row) return undefined;
    const names = ['site_code', 'site_name', 'tier', 'trust_domain', 'log_key', 'mirror_key', 'stas'];
    return Object.fromEntries(names.map((name) => [name, String(row.fields[name] ?? '')]));
  }

  /** Within the caller's transaction. */
  #put(entity: string, raw: Record<string, string | undefined>): void {
    const context = {
      today: Math.floor(this.#clock.nowMs() / 86_400_000),
      migrated: false,
      testIds: false,
      defaults: { src_sys: 'U', crter_id: 'tongbu', opter_id: 'tongbu', optins_no: this.#site },
    };
    const { accepted, unchanged, findings } = this.#registry.put([{ row: 1, raw }], {
      entity,
      context,
      dryRun: false,
    });
    assert(accepted + unchanged === 1, `a ${entity} record is valid: ${JSON.stringify(findings)}`);
  }
}
