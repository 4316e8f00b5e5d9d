import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordOf } from '../../certs/certificate-record.ts';
import { issueLeaf } from '../../certs/leaf.ts';
import { issueRevocationList } from '../../certs/revocation-list.ts';
import { systemClock } from '../../core/base/clock.ts';
import { pem } from '../../core/base/pem.ts';
import { systemRandom } from '../../core/base/random.ts';
import { readAuthorityFolder } from '../../core/site/joining/authority-folder.ts';
import { siteFolder } from '../../core/site/site-folder.ts';
import { readLeaf } from '../../core/site/trust/identity-folder.ts';
import { Database } from '../../core/store/database.ts';
import { CertificateRegister } from '../../hub/authority/certificate-register.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import type { TestConstellation } from './constellation.ts';
import { keysOf } from './site-double.ts';

const dayMs = 86_400_000;
/** How long the site was off, and when the certificates that lie there were issued. */
const issuedMs = systemClock.nowMs() - 45 * dayMs;

interface Aged {
  readonly leaf: Uint8Array;
  /** The list of the issuing authority that the site saw last. */
  readonly list: Uint8Array;
}

/**
 * The certificate of a folder as it would be had it been issued 45 days ago: of the same authority, for the
 * same key and identity, ended for two weeks; and a revocation list of that week.
 */
export async function ageIdentity(world: TestConstellation, hub: DemoSite, folder: string): Promise<Aged> {
  const ca = join(world.folder, 'authorities', hub.code);
  const key = readFileSync(join(ca, 'identity.age'), 'utf8');
  const { issuing, rootList } = await readAuthorityFolder(ca, { identities: [key] });
  const { trustDomain } = hub.config;
  const before = readLeaf(folder);
  const { site, role, name, hosts } = recordOf(before, trustDomain);
  const publicKey = new X509Certificate(before).publicKey.export({ type: 'spki', format: 'der' });
  const clock = { nowMs: () => issuedMs };
  const identity = { trustDomain, site, role, name };
  const leaf = { identity, hosts, publicKey, lifeDays: 30 };
  const { certificate } = await issueLeaf(issuing, leaf, { clock, random: systemRandom });
  const content = { number: 1, revoked: [], nowMs: issuedMs, lifeMs: 7 * dayMs };
  const list = await issueRevocationList(issuing, content);
  const write = (file: string, label: 'CERTIFICATE' | 'X509 CRL', ders: readonly Uint8Array[]) =>
    writeFileSync(join(folder, file), Buffer.concat(ders.map((der) => pem(label, der))));
  write('cert.pem', 'CERTIFICATE', [certificate, issuing.certificate]);
  write('crl.pem', 'X509 CRL', [list, rootList]);
  return { leaf: certificate, list };
}

/** A county that is not running, after a holiday that was too long. */
export async function ageCounty(world: TestConstellation, county: DemoSite): Promise<void> {
  const { gate, data, people } = siteFolder(county.location.dataDir);
  const persons = ['operator-demo', 'officer-zhao', 'officer-qian', 'officer-sun'];
  for (const folder of [gate, data, ...persons.map((name) => join(people, name))]) {
    await ageIdentity(world, world.all.province, folder);
  }
}

/** A province that is not running: its own table knows the certificates, and its lists are as old. */
export async function ageProvince(world: TestConstellation): Promise<void> {
  const { province } = world.all;
  const { gate, data, people, hub } = siteFolder(province.location.dataDir);
  const persons = ['operator-demo', 'officer-zhao', 'officer-qian', 'officer-sun'];
  const { database: key } = await keysOf(province);
  const database = Database.open({ path: hub, key, mode: 'open', durability: 'full' });
  const register = new CertificateRegister(database);
  const { trustDomain } = province.config;
  for (const folder of [gate, data, ...persons.map((name) => join(people, name))]) {
    const { leaf, list } = await ageIdentity(world, province, folder);
    const record = recordOf(leaf, trustDomain);
    database.transaction(() => {
      // In its place, because a key is in one certificate alone.
      database.prepare('DELETE FROM certificate WHERE key_id = ?').run(record.keyId);
      register.record(record, issuedMs);
    });
    database
      .prepare(
        `UPDATE issued_list SET der = ?, this_update_ms = ?, next_update_ms = ?
         WHERE authority_id IN (SELECT authority_id FROM issuer)`,
      )
      .run(list, issuedMs, issuedMs + 7 * dayMs);
  }
  database.close();
}
