import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { examinePeer } from '../../certs/peer-policy.ts';
import { systemClock } from '../../core/base/clock.ts';
import { systemRandom } from '../../core/base/random.ts';
import { ed25519Signer, type SignerKey } from '../../core/log/keys.ts';
import { originLine } from '../../core/log/log-origin.ts';
import { Seal } from '../../core/seal/seal.ts';
import { readShareFile } from '../../core/seal/share-file.ts';
import { printShareText } from '../../core/seal/share-text.ts';
import { readRunFile } from '../../core/site/run-file.ts';
import { siteFolder } from '../../core/site/site-folder.ts';
import { readIdentity } from '../../core/site/trust/identity-folder.ts';
import { SiteClient } from '../../core/wire/site-client.ts';
import type { Examine, TlsMaterial } from '../../core/wire/tls-material.ts';
import { ceremonyOfficers } from '../../scripts/demo/constellation.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';

/** Keys of a site that is not running, taken out of its seal with the shares of its officers. */
export interface SiteKeys {
  readonly database: Buffer;
  readonly log: Buffer;
  readonly tls: Buffer;
}

export async function keysOf({ location, code: site }: DemoSite): Promise<SiteKeys> {
  const { dataDir, shares, identities } = location;
  const seal = Seal.open(siteFolder(dataDir).seal, { site, clock: systemClock, random: systemRandom });
  for (const officer of ceremonyOfficers) {
    const file = readFileSync(join(shares, `${officer}.share.age`));
    const share = await readShareFile(file, { identities: [identities.get(officer) ?? ''] });
    seal.enterShare(officer, printShareText(share));
  }
  const ring = seal.ring();
  const [database, log, tls] = (['db', 'log', 'tls'] as const).map((purpose) =>
    Buffer.from(ring.key(purpose)),
  );
  seal.close();
  if (!database || !log || !tls) throw new RangeError('three keys for three purposes');
  return { database, log, tls };
}

/** A county's certificate and log key in the hands of a test, which says to the hub whatever it likes. */
export class SiteDouble {
  readonly site: string;
  readonly material: TlsMaterial;
  readonly #trustDomain: string;
  readonly #logKey: Buffer;
  readonly #hub: DemoSite;

  private constructor(site: DemoSite, material: TlsMaterial, logKey: Buffer, hub: DemoSite) {
    this.site = site.code;
    this.material = material;
    this.#trustDomain = site.config.trustDomain;
    this.#logKey = logKey;
    this.#hub = hub;
  }

  /** Stops the county and takes its place. */
  static async replace(county: DemoSite, hub: DemoSite): Promise<SiteDouble> {
    await county.stop();
    const { tls, log } = await keysOf(county);
    const material = await readIdentity(siteFolder(county.location.dataDir).data, tls);
    return new SiteDouble(county, material, log, hub);
  }

  signer(dataset: string, seed: Uint8Array = this.#logKey): SignerKey {
    return ed25519Signer(originLine(this.#trustDomain, { origin: this.site, dataset }), seed);
  }

  /** A connection to the hub with the county's certificate, or with other material. */
  client(material = this.material): SiteClient {
    return clientOf(this.#hub, material);
  }
}

/** A connection to a running site with any certificate. */
export function clientOf(site: DemoSite, material: TlsMaterial): SiteClient {
  const destination = {
    site: site.code,
    roles: ['gate', 'node', 'hub'],
    host: '127.0.0.1',
    port: portOf(site),
  };
  return new SiteClient(material, destination, examineFor(site), systemClock);
}

export function portOf(site: DemoSite): number {
  const run = readRunFile(siteFolder(site.location.dataDir).run);
  if (!run) throw new Error(`${site.code} does not run`);
  return run.port;
}

export function examineFor(site: DemoSite): Examine {
  const { trustDomain } = site.config;
  return (der) => examinePeer(der, { trustDomain, nowMs: systemClock.nowMs(), revoked: new Set() });
}
