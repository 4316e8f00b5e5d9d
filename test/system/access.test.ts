import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Authority } from '../../certs/authority.ts';
import type { Role } from '../../certs/identity.ts';
import { generateKeyPair } from '../../certs/key-pair.ts';
import { issueLeaf } from '../../certs/leaf.ts';
import { type Clock, systemClock } from '../../core/base/clock.ts';
import { systemRandom } from '../../core/base/random.ts';
import { readAuthorityFolder } from '../../core/site/joining/authority-folder.ts';
import { readIdentity, writeIdentity } from '../../core/site/trust/identity-folder.ts';
import { channelOptionsFor, strangerCredentials } from '../../core/wire/client-credentials.ts';
import { faultOf } from '../../core/wire/status.ts';
import type { TlsMaterial } from '../../core/wire/tls-material.ts';
import { ceremonyOfficers } from '../../scripts/demo/constellation.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { tongbu } from '../support/command.ts';
import { TestConstellation } from '../support/constellation.ts';
import { Pki } from '../support/pki.ts';
import { countyRows, putRows } from '../support/rows.ts';
import { clientOf, examineFor, portOf } from '../support/site-double.ts';
import { until } from '../support/until.ts';

let world: TestConstellation;
let province: DemoSite;
let county: DemoSite;
let issuing: Authority;
const dayMs = 86_400_000;

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: ['430121'] });
  province = world.all.province;
  county = world.all.county('430121');
  const folder = join(world.folder, 'authorities', '430000');
  const identity = readFileSync(join(folder, 'identity.age'), 'utf8');
  issuing = (await readAuthorityFolder(folder, { identities: [identity] })).issuing;
}, 120_000);
afterAll(() => world?.close());

/** A certificate of the province's genuine authority. */
async function issued(
  site: string,
  role: Role,
  name: string,
  clock: Clock = systemClock,
): Promise<TlsMaterial> {
  const { privateKey, publicKey } = generateKeyPair();
  const identity = { trustDomain: province.config.trustDomain, site, role, name };
  const issuance = { clock, random: systemRandom };
  const { certificate } = await issueLeaf(issuing, { identity, hosts: [], publicKey }, issuance);
  const genuine = await operator(province);
  return { ...genuine, chain: [certificate, ...genuine.chain.slice(1)], privateKey };
}

function operator(site: DemoSite): Promise<TlsMaterial> {
  return readIdentity(join(site.location.dataDir, 'people', 'operator-demo'));
}

/** The code with which a call ends, or what it answered. */
async function codeOf(
  site: DemoSite,
  material: TlsMaterial,
  [file, service, method]: Method,
): Promise<string> {
  const client = clientOf(site, material);
  try {
    await client.unary(file, service, method, {});
    return 'answered';
  } catch (error) {
    return faultOf(error).code;
  } finally {
    client.close();
  }
}

type Method = readonly [file: string, service: string, method: string];
const getStatus: Method = ['site', 'Site', 'getStatus'];
const sealSite: Method = ['seal', 'Seal', 'sealSite'];
const sealStatus: Method = ['seal', 'Seal', 'getSealStatus'];
const createToken: Method = ['hub', 'Hub', 'createToken'];
const listSites: Method = ['hub', 'Hub', 'listSites'];
const put: Method = ['node', 'Intake', 'put'];

describe('a certificate', () => {
  test('of an operator of the authority is let in, so that the others are refused for what they are', async () => {
    expect(await codeOf(province, await operator(province), getStatus)).toBe('answered');
    expect(await codeOf(province, await issued('430000', 'operator', 'new'), getStatus)).toBe('answered');
  });

  test('is asked from everybody: without one nothing is answered', async () => {
    const { roots } = await operator(province);
    const expected = { site: '430000', roles: ['hub'] };
    const credentials = strangerCredentials(roots[0] ?? new Uint8Array(), expected, examineFor(province));
    const client = new Client(`127.0.0.1:${portOf(province)}`, credentials, channelOptionsFor('127.0.0.1'));
    const refused = await new Promise<unknown>((resolve) => {
      const bytes = (value: Buffer) => value;
      const path = '/tongbu.v1.Seal/GetSealStatus';
      const deadline = systemClock.nowMs() + 20_000;
      client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), { deadline }, resolve);
    });
    client.close();
    expect(faultOf(refused)).toMatchObject({ code: 'TB1340', retry: true });
  });

  test('of another authority of the same name is refused', async () => {
    const other = await Pki.create(province.config.trustDomain);
    const { chain, privateKey } = (await other.identity('430000', 'operator/demo')).material;
    const { roots, lists } = await operator(province);
    expect(await codeOf(province, { chain, privateKey, roots, lists }, getStatus)).toBe('TB1340');
  });

  test('that has expired is refused, and one that is not valid yet', async () => {
    const at = (nowMs: number): Clock => ({ ...systemClock, nowMs: () => nowMs });
    const past = await issued('430000', 'operator', 'demo', at(systemClock.nowMs() - 31 * dayMs));
    expect(await codeOf(province, past, getStatus)).toBe('TB1340');
    const future = await issued('430000', 'operator', 'demo', at(systemClock.nowMs() + 2 * dayMs));
    expect(await codeOf(province, future, getStatus)).toBe('TB1340');
  });

  test('of the caller that has expired is named by the command, before anybody is called', async () => {
    const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() - 31 * dayMs };
    const { chain, privateKey, roots, lists } = await issued('430000', 'operator', 'late', clock);
    const folder = join(world.folder, 'operator-late');
    const [root] = roots;
    if (!root) throw new Error('a root');
    writeIdentity(folder, { chain, privateKey, root, lists: lists.map(({ der }) => der) });
    const { dataDir } = province.location;
    const said = await tongbu('hub', 'status', '--data', dataDir, '--as', folder, '--json');
    expect(said.status).toBe(1);
    expect(JSON.parse(said.stdout)).toMatchObject({
      error: { code: 'TB1625', parameters: { reason: 'expired' } },
    });
  });

  test('opens only what its role and site may call', async () => {
    const business = await issued('430121', 'business', 'his');
    const node = await issued('430121', 'node', '');
    const [ours, theirs] = [await operator(county), await operator(province)];
    const auditor = await issued('430121', 'auditor', 'sun');
    const officer = await readIdentity(join(county.location.dataDir, 'people', 'officer-zhao'));
    const wanted: readonly (readonly [DemoSite, TlsMaterial, Method, string])[] = [
      [county, business, put, 'TB1605'], // let in; no dataset was named
      [county, business, getStatus, 'TB1606'],
      [county, business, sealSite, 'TB1606'],
      [county, business, sealStatus, 'TB1606'],
      [province, business, put, 'TB1606'],
      [province, business, createToken, 'TB1606'],
      [county, auditor, getStatus, 'answered'],
      [county, auditor, put, 'TB1606'],
      [county, officer, put, 'TB1606'],
      [county, ours, getStatus, 'answered'],
      [province, ours, getStatus, 'TB1606'],
      [province, ours, createToken, 'TB1606'],
      [county, theirs, getStatus, 'TB1606'],
      [county, theirs, put, 'TB1606'],
      [province, node, createToken, 'TB1606'],
      [province, node, listSites, 'TB1606'],
      [province, node, sealSite, 'TB1606'],
      [county, ours, listSites, 'TB1348'], // a county is no hub
    ];
    const found = [];
    for (const [site, material, method] of wanted) found.push(await codeOf(site, material, method));
    expect(found).toEqual(wanted.map(([, , , code]) => code));
  });
});

test('rows beyond any limit are refused with their size, and nothing is stored', async () => {
  const { enrollment = [] } = countyRows('430121', 1);
  const [row = {}] = enrollment;
  const many = Array.from({ length: 5_001 }, () => row);
  await expect(putRows(county, 'enrollment', many)).rejects.toMatchObject({ code: 'TB1552' });
  const wide = [{ ...row, psn_no: '4'.repeat(4 * 1024 * 1024) }];
  await expect(putRows(county, 'enrollment', wide)).rejects.toMatchObject({ code: 'TB1553' });
  const long = await putRows(county, 'enrollment', [{ ...row, psn_idet_type: '低'.repeat(66_000) }]);
  expect(long.accepted).toBe(0);
  expect(long.problems[0]).toMatchObject({ field: 'psn_idet_type', severity: 'reject' });
  expect(long.logSize).toBe(0);
});

describe('a sealed site', () => {
  test('answers the ceremony alone; everything else is TB1601, and commands end with 3', async () => {
    await county.stop();
    await county.start();
    const { dataDir } = county.location;
    const material = await operator(county);
    for (const method of [getStatus, put, ['site', 'Site', 'prove'] as const]) {
      expect(await codeOf(county, material, method)).toBe('TB1601');
    }
    expect(await codeOf(county, material, sealStatus)).toBe('answered');
    const rows = join(world.folder, 'rows.ndjson');
    writeFileSync(rows, JSON.stringify(countyRows('430121', 1)['enrollment']?.[0]));
    const commands = [
      ['node', 'load', rows, '--dataset', 'enrollment'],
      ['node', 'status'],
      ['node', 'verify'],
      ['node', 'list', 'enrollment'],
      ['seal', 'status'],
    ];
    const outcomes = await Promise.all(commands.map((words) => tongbu(...words, '--data', dataDir)));
    expect(outcomes.map(({ status }) => status)).toEqual(commands.map(() => 3));
    for (const { stdout, stderr } of outcomes) expect(stdout + stderr).toContain('sealed');
    await county.unseal(ceremonyOfficers);
    expect(await codeOf(county, material, getStatus)).toBe('answered');
  });

  test('one share opens nothing, and the same officer twice does not count as two', async () => {
    await county.stop();
    await county.start();
    const [first = ''] = ceremonyOfficers;
    await county.unseal([first]);
    await expect(county.unseal([first])).rejects.toMatchObject({ code: expect.stringMatching(/^TB12/) });
    expect(await codeOf(county, await operator(county), getStatus)).toBe('TB1601');
    await county.unseal(ceremonyOfficers.slice(1));
    expect(await codeOf(county, await operator(county), getStatus)).toBe('answered');
  });

  test('keeps its counties waiting: sealed in the middle, they go on by themselves after the unsealing', async () => {
    const { enrollment = [] } = countyRows('430121', 60);
    await putRows(county, 'enrollment', enrollment.slice(0, 20));
    await world.arrived(province, '430121/enrollment', 20);
    const hub = await province.client();
    await hub.unary('seal', 'Seal', 'sealSite', { reason: 'test' });
    await putRows(county, 'enrollment', enrollment.slice(20));
    const waiting = await until('the county waits', async () => {
      const client = await county.client();
      const { links } = await client.unary<{ links: Link[] }>('site', 'Site', 'getStatus', {});
      const link = links.find(({ log }) => log === '430121/enrollment');
      return link?.state === 'waiting' && link;
    });
    expect(waiting).toMatchObject({ position: 20, problemCode: expect.stringMatching(/^TB1(44|34)\d$/) });
    await province.unseal(ceremonyOfficers);
    await world.arrived(province, '430121/enrollment', 60);
  });
});

interface Link {
  readonly log: string;
  readonly state: string;
  readonly position: number;
  readonly problemCode: string;
}
