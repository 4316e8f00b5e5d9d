import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../certs/fingerprint.ts';
import { systemClock } from '../../core/base/clock.ts';
import { readRunFile } from '../../core/site/run-file.ts';
import { siteFolder } from '../../core/site/site-folder.ts';
import { readIdentity, readLeaf } from '../../core/site/trust/identity-folder.ts';
import { EnrolmentClient } from '../../core/wire/enrolment-client.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { TestConstellation } from '../support/constellation.ts';
import { refusal, tongbuJson } from '../support/json-command.ts';
import { clientOf, examineFor } from '../support/site-double.ts';

interface Row {
  readonly fingerprint: string;
  readonly site: string;
  readonly role: string;
  readonly name: string;
  readonly state: string;
  readonly authority: string;
}
interface RollOver {
  readonly state: string;
  readonly approvalId: string;
  readonly authorities: readonly { readonly state: string; readonly rootFingerprint: string }[];
}

let world: TestConstellation;
let province: DemoSite;
let county: DemoSite;
let data: string;

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: ['430121'] });
  province = world.all.province;
  [county] = world.all.counties as [DemoSite];
  data = province.location.dataDir;
}, 180_000);
afterAll(() => world?.close());

const person = (site: DemoSite, name: string) => join(site.location.dataDir, 'people', name);
const officer = () => person(province, 'officer-zhao');
const leafOf = (folder: string) => fingerprintOf(readLeaf(folder));

async function list(...more: string[]): Promise<readonly Row[]> {
  const { document } = await tongbuJson<{ certificates: Row[] }>(['certs', 'list', '--data', data, ...more]);
  return document.certificates;
}

function revoke(...what: string[]) {
  const order = ['--reason', 'key-compromise', '--note', 'stolen laptop', '--yes'];
  return ['certs', 'revoke', '--data', data, '--as', officer(), ...what, ...order];
}

/** Whether a person's certificate is let in. */
const works = (folder: string) => answers(folder, 'seal', 'Seal', 'getSealStatus');
/** Whether any certificate is let in. */
const asks = (folder: string) => answers(folder, 'certificates', 'Certificates', 'getTrust');

async function answers(folder: string, ...method: [string, string, string]): Promise<boolean> {
  const client = clientOf(province, await readIdentity(folder));
  try {
    await client.unary(...method, {});
    return true;
  } catch {
    return false;
  } finally {
    client.close();
  }
}

describe('the table of the hub', () => {
  test('has every certificate, those of hub init included, with identity and authority', async () => {
    const rows = await list('--state', 'valid');
    const names = rows.map(({ site, role, name }) => `${site} ${role} ${name}`.trim());
    for (const code of ['430000', '430121']) {
      expect(names).toContain(`${code} gate`);
      expect(names).toContain(`${code} officer zhao`);
      expect(names).toContain(`${code} operator demo`);
    }
    expect(names).toContain('430000 hub');
    expect(names).toContain('430121 node');
    expect(new Set(rows.map(({ authority }) => authority)).size).toBe(1);
    expect(rows.map(({ fingerprint }) => fingerprint)).toContain(leafOf(officer()));
  });
});

describe('a renewal by command', () => {
  test('gives a person a new key and certificate, swapped in place; the old one is still good', async () => {
    const folder = person(province, 'officer-qian');
    const before = { leaf: leafOf(folder), key: readFileSync(join(folder, 'key.pem')) };
    const old = await readIdentity(folder);
    const { status, document } = await tongbuJson<{ fingerprint: string; role: string; name: string }>([
      ...['certs', 'renew', '--identity', folder, '--data', data],
    ]);
    expect(status).toBe(0);
    expect(document).toMatchObject({ fingerprint: leafOf(folder), role: 'officer', name: 'qian' });
    expect(leafOf(folder)).not.toBe(before.leaf);
    expect(readFileSync(join(folder, 'key.pem')).equals(before.key)).toBe(false);
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
    expect(await works(folder)).toBe(true);
    const client = clientOf(province, old);
    await client.unary('seal', 'Seal', 'getSealStatus', {});
    client.close();
    const states = (await list('--site', '430000', '--role', 'officer', '--name', 'qian')).map(
      ({ state }) => state,
    );
    expect(states).toEqual(['valid', 'superseded']);
  });

  test('reaches the hub of a county through its configuration', async () => {
    const folder = person(county, 'operator-demo');
    const before = leafOf(folder);
    const { status } = await tongbuJson([
      ...['certs', 'renew', '--identity', folder, '--data', county.location.dataDir],
    ]);
    expect(status).toBe(0);
    expect(leafOf(folder)).not.toBe(before);
    const { status: shown } = await tongbuJson(['node', 'status', '--data', county.location.dataDir]);
    expect(shown).toBe(0);
  });

  test('show says offline whose it is and until when', async () => {
    const { document } = await tongbuJson<{ items: { kind: string; uri?: string; fingerprint?: string }[] }>([
      ...['certs', 'show', officer()],
    ]);
    expect(document.items[0]).toMatchObject({
      kind: 'certificate',
      uri: 'spiffe://hunan.example/site/430000/officer/zhao',
      fingerprint: leafOf(officer()),
    });
    expect(document.items.map(({ kind }) => kind)).toContain('list');
    expect(await refusal(['certs', 'show', join(data, 'tongbu.yaml')])).toEqual(['TB1365', 2]);
  });
});

describe('a revocation by command', () => {
  test('is an officer’s act: an operator is refused, a dry run changes nothing', async () => {
    const [, , , , , ...rest] = revoke('--site', '430121', '--role', 'operator', '--name', 'demo');
    const operator = ['certs', 'revoke', '--data', data, '--as', person(province, 'operator-demo'), ...rest];
    expect((await refusal(operator.filter((word) => word !== officer())))[0]).toBe('TB1606');
    const { document } = await tongbuJson<{ dryRun: boolean; revoked: Row[] }>([
      ...revoke('--site', '430121', '--role', 'officer', '--name', 'sun'),
      '--dry-run',
    ]);
    expect(document).toMatchObject({ dryRun: true, revoked: [{ name: 'sun', state: 'valid' }] });
    expect(await list('--state', 'revoked')).toEqual([]);
  });

  test('shuts a person out at once, and the enrolment port says when', async () => {
    const folder = person(province, 'officer-sun');
    expect(await works(folder)).toBe(true);
    const fingerprint = leafOf(folder);
    const { status } = await tongbuJson(revoke('--fingerprint', fingerprint));
    expect(status).toBe(0);
    expect(await works(folder)).toBe(false);
    expect(await works(officer())).toBe(true);
    const [found] = await list('--state', 'revoked');
    expect(found).toMatchObject({ fingerprint, name: 'sun' });
    const { roots } = await readIdentity(officer());
    const run = readRunFile(siteFolder(data).run);
    const address = {
      host: '127.0.0.1',
      port: run?.enrolPort ?? 0,
      hubSite: '430000',
      rootFingerprint: fingerprintOf(roots[0] ?? new Uint8Array()),
    };
    const stranger = new EnrolmentClient(address, (der) => examineFor(province)(der), systemClock);
    const revokedMs = await stranger.revokedMs(fingerprint);
    expect(revokedMs).toBeGreaterThan(systemClock.nowMs() - 60_000);
  });
});

describe("a root's list", () => {
  test('is signed off line, published at the hub, and an older one is refused', async () => {
    const authority = join(world.folder, 'authorities', '430000');
    const file = join(authority, 'root.crl.pem');
    const first = readFileSync(file);
    const { document: made } = await tongbuJson<{ number: number }>([
      ...['certs', 'root-list', '--authority', authority],
      ...['--authority-identity', join(authority, 'identity.age')],
    ]);
    expect(made.number).toBe(2);
    const put = (path: string) => ['certs', 'put-list', path, '--data', data];
    const { document: known } = await tongbuJson<{ number: number }>(put(file));
    expect(known.number).toBe(2);
    const older = join(world.folder, 'older.crl.pem');
    writeFileSync(older, first);
    expect((await refusal(put(older)))[0]).toBe('TB1323');
    expect((await refusal(put(join(data, 'tongbu.yaml'))))[0]).toBe('TB1365');
    expect(await works(officer())).toBe(true);
  });
});

describe('the authority rolls over while everything runs', () => {
  const state = async () =>
    (await tongbuJson<RollOver>(['certs', 'roll-over', '--data', data])).document.authorities.map(
      (of) => of.state,
    );

  async function step(next: string, name: string, ...more: string[]): Promise<RollOver> {
    const args = ['certs', 'roll-over', '--data', data, '--authority', next, '--step', name, ...more];
    const asked = (await tongbuJson<RollOver>([...args, '--reason', 'a drill of the roll-over'])).document;
    expect(asked.state).toBe('waiting');
    for (const who of ['zhao', 'qian']) {
      const client = await province.officer(who);
      await client.unary('approvals', 'Approvals', 'approve', { id: asked.approvalId });
      client.close();
    }
    const { document, status, stderr } = await tongbuJson<RollOver>(
      [...args, '--approval', asked.approvalId, '--yes'],
      'a passphrase that is long enough\n',
    );
    expect([status, stderr]).toEqual([0, '']);
    return document;
  }

  test('trust and issue: certificates of both work, the county goes on', async () => {
    const next = join(world.folder, 'authority-2');
    const made = await tongbuJson<{ number: number }>(
      ['certs', 'next', '--authority', join(world.folder, 'authorities', '430000'), '--out', next],
      'a passphrase that is long enough\n',
    );
    expect(made.document.number).toBe(2);
    await step(next, 'trust');
    expect(await state()).toEqual(['issues', 'trusted']);
    const refused = ['certs', 'roll-over', '--data', data, '--authority', next, '--step', 'issue'];
    expect((await refusal([...refused, '--reason', 'too early']))[0]).toBe('TB1362');
    await step(next, 'issue', '--leave-behind');
    expect(await state()).toEqual(['trusted', 'issues']);
    const folder = person(province, 'officer-qian');
    await tongbuJson(['certs', 'renew', '--identity', folder, '--data', data]);
    const names = (await list('--state', 'valid')).map(({ authority }) => authority);
    expect(new Set(names).size).toBe(2);
    expect(await works(folder)).toBe(true);
    expect(await works(officer())).toBe(true);
    const early = ['certs', 'roll-over', '--data', data, '--authority', next, '--step', 'retire'];
    expect((await refusal([...early, '--reason', 'too early']))[0]).toBe('TB1364');
    const { size } = (await world.look(county, '430121/audit')) ?? { size: 0 };
    await world.arrived(province, '430121/audit', size);
  }, 180_000);
});

describe('a dismissed site', () => {
  test('is shut out at once, its received log stays and can be verified', async () => {
    const held = await world.look(province, '430121/audit');
    expect(held?.size).toBeGreaterThan(0);
    expect(await asks(siteFolder(county.location.dataDir).gate)).toBe(true);
    const { document } = await tongbuJson<{ dismissed: boolean; revoked: Row[] }>(revoke('--site', '430121'));
    expect(document.dismissed).toBe(true);
    expect(document.revoked.map(({ role }) => role)).toEqual(expect.arrayContaining(['gate', 'node']));
    const sites = await tongbuJson<{ sites: { site: string }[] }>(['hub', 'sites', '--data', data]);
    expect(sites.document.sites.map(({ site }) => site)).not.toContain('430121');
    expect(await asks(siteFolder(county.location.dataDir).gate)).toBe(false);
    const verified = await tongbuJson(['hub', 'verify', '--data', data, '--log', '430121/audit']);
    expect(verified.status).toBe(0);
    const again = await tongbuJson<{ already: number; revoked: Row[] }>(revoke('--site', '430121'));
    expect(again.document.revoked).toEqual([]);
    expect(again.document.already).toBeGreaterThan(1);
  }, 180_000);
});
