import type { Config } from '../core/base/config.ts';
import type { LaneView } from '../core/link/lane.ts';
import type { LogName } from '../core/log/batch.ts';
import { destinationOf } from '../core/site/destination.ts';
import type { Directory } from '../core/site/directory.ts';
import { copying } from '../core/site/logs/copying.ts';
import { Hearings } from '../core/site/logs/hearings.ts';
import { Uplink } from '../core/site/logs/uplink.ts';
import type { Hearing, Trouble } from '../core/site/open-site.ts';
import type { SiteData } from '../core/site/site-data.ts';
import { AuthorityAbove } from '../core/site/trust/authority-above.ts';
import type { Renewable } from '../core/site/trust/certificate-agent.ts';
import { RegistryTrust } from '../core/site/trust/registry-trust.ts';
import type { RingCertificate } from '../core/site/trust/ring-certificate.ts';
import { copiedDatasets, countyDatasets } from './county-datasets.ts';
import type { CountyParts } from './county-site.ts';

export interface CountyUplinkParts extends CountyParts {
  readonly above: NonNullable<Config['uplink']>;
  readonly data: SiteData;
  readonly directory: Directory;
  readonly certificate: RingCertificate;
  failed(error: unknown): void;
}

/** A county's link to its province: own logs up, the province's down, and what its registry says of trust. */
export class CountyUplink {
  readonly #parts: CountyUplinkParts;
  readonly #hearings: Hearings;
  readonly #trust: RegistryTrust;
  readonly #uplink: Uplink;

  constructor(parts: CountyUplinkParts) {
    const { above, data, certificate, config, trust, clock, random, logger, failed } = parts;
    this.#parts = parts;
    const registry = data.follow({ origin: above.site, dataset: 'registry' });
    this.#trust = new RegistryTrust(registry, trust, clock, logger);
    this.#hearings = new Hearings(clock, (log) => this.#stored(log));
    this.#uplink = new Uplink({
      site: config.site,
      destination: destinationOf(above),
      own: () => certificate.own,
      trust,
      clock,
      random,
      logger,
      failed,
    });
  }

  /** Begins: what is held of the registry is in force before anybody is called. */
  start(): void {
    const { above, data, directory, config } = this.#parts;
    for (const dataset of copiedDatasets) {
      const log: LogName = { origin: above.site, dataset };
      data.follow(log);
      data.catchUp(log);
    }
    this.#trust.grew();
    for (const dataset of countyDatasets) {
      const log: LogName = { origin: config.site, dataset };
      const sending = data.sending(log).for(() => directory.mirrorOf(above.site), above.site);
      this.#uplink.carry(log, { direction: 'push', log: sending });
    }
    for (const dataset of copiedDatasets) {
      const log: LogName = { origin: above.site, dataset };
      const receiving = copying(log, data.receiving, directory, this.#hearings);
      const observer = this.#hearings.observer(log);
      this.#uplink.carry(log, { direction: 'pull', log: receiving, observer });
    }
  }

  renewable(): Renewable {
    const { above, trust, clock, certificate } = this.#parts;
    const authority = new AuthorityAbove(above, trust, clock);
    return certificate.renewable(trust, (csr) => authority.renew(certificate.own, csr));
  }

  hearing(log: LogName): Hearing | undefined {
    return this.#hearings.of(log);
  }

  views(): LaneView[] {
    return this.#uplink.views();
  }

  grew(log: LogName): void {
    this.#uplink.grew(log);
  }

  troubles(): Trouble[] {
    const problem = this.#trust.problem();
    return problem ? [{ origin: this.#parts.above.site, fault: problem }] : [];
  }

  close(): Promise<void> {
    return this.#uplink.close();
  }

  #stored(log: LogName): void {
    this.#parts.data.catchUp(log);
    if (log.dataset === 'registry') this.#trust.grew();
  }
}
