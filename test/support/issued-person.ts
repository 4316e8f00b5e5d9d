import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRole } from '../../certs/identity.ts';
import { generateKeyPair } from '../../certs/key-pair.ts';
import { issueLeaf } from '../../certs/leaf.ts';
import { readAuthorityFolder } from '../../core/site/joining/authority-folder.ts';
import { readIdentity, writeIdentity } from '../../core/site/trust/identity-folder.ts';
import type { SiteClient } from '../../core/wire/site-client.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import type { TestConstellation } from './constellation.ts';
import { issuance } from './pki.ts';
import { clientOf } from './site-double.ts';

/**
 * A certificate of the province's authority for `grant` (like `auditor/zhou`) of a site, made without asking
 * anybody: what is tested is what it may do. Returns its folder, for `--as`.
 */
export async function issuePerson(world: TestConstellation, code: string, grant: string): Promise<string> {
  const province = world.all.province;
  const ca = join(world.folder, 'authorities', province.code);
  const key = readFileSync(join(ca, 'identity.age'), 'utf8');
  const { issuing, root } = await readAuthorityFolder(ca, { identities: [key] });
  const [role = '', name = ''] = grant.split('/');
  if (!isRole(role)) throw new RangeError(`no role ${role}`);
  const { trustDomain } = province.config;
  const { publicKey, privateKey } = generateKeyPair();
  const identity = { trustDomain, site: code, role, name };
  const { certificate } = await issueLeaf(issuing, { identity, hosts: [], publicKey }, issuance);
  const newest = await readIdentity(join(province.location.dataDir, 'people', 'operator-demo'));
  const folder = join(world.folder, 'issued', `${code}-${role}-${name}`);
  const lists = newest.lists.map(({ der }) => der);
  writeIdentity(folder, { chain: [certificate, issuing.certificate], root, lists, privateKey });
  return folder;
}

/** A connection of such a person or system to a running site. */
export async function clientOfPerson(
  world: TestConstellation,
  site: DemoSite,
  code: string,
  grant: string,
): Promise<SiteClient> {
  return clientOf(site, await readIdentity(await issuePerson(world, code, grant)));
}
