import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { describeCertificate } from '../../certs/leaf.ts';
import { systemClock } from '../../core/base/clock.ts';
import { printShareFile, readShareFile } from '../../core/seal/share-file.ts';
import { printShareText } from '../../core/seal/share-text.ts';
import { siteFolder } from '../../core/site/site-folder.ts';
import { readLeaf } from '../../core/site/trust/identity-folder.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { ageCounty, ageIdentity, ageProvince } from '../support/aged-site.ts';
import { RunningCommand } from '../support/command.ts';
import { TestConstellation } from '../support/constellation.ts';
import { type ErrorDocument, tongbuJson } from '../support/json-command.ts';
import { until } from '../support/until.ts';

interface Request {
  readonly id: string;
  readonly state: string;
  readonly kind: string;
  readonly detail: Readonly<Record<string, string>>;
}
interface Act {
  readonly kind: string;
  readonly step: string;
  readonly actor: string;
  readonly subject: string;
}

vi.setConfig({ testTimeout: 120_000 });
const passphrase = 'seven green lamps on the river';
let world: TestConstellation;
let nation: DemoSite;
let province: DemoSite;
let county: DemoSite;
/** The county as the registry has it, before all. */
let admitted: unknown;
/** Everything that commands said; the sites' program logs come on top. */
const said: string[] = [];

beforeAll(async () => {
  world = await TestConstellation.start({ nation: true, counties: ['430121'] });
  ({ nation, province } = world.all);
  [county] = world.all.counties as [DemoSite];
  await world.arrived(province, '430121/audit', 1);
  admitted = await until('the registry at the county', siteRow);
  await province.stop();
  await county.stop();
  await ageProvince(world);
  await ageCounty(world, county);
}, 240_000);
afterAll(() => world?.close());

const dataOf = ({ location }: DemoSite) => location.dataDir;
const person = (site: DemoSite, name: string) => join(dataOf(site), 'people', name);
const shareOf = ({ location }: DemoSite, name: string) => join(location.shares, `${name}.share.age`);
const keyOf = ({ location }: DemoSite, name: string) => join(location.shares, `${name}.age-identity`);

/** Options that open a site with these share files, whoever they are of. */
function openHere(shares: readonly string[], identities: readonly string[]): string[] {
  const share = shares.flatMap((path) => ['--share', path]);
  return ['--open-here', ...share, ...identities.flatMap((path) => ['--identity', path])];
}

function bothOf(site: DemoSite): string[] {
  const names = ['zhao', 'qian'];
  return openHere(
    names.map((name) => shareOf(site, name)),
    names.map((name) => keyOf(site, name)),
  );
}

/** `serve` that does not come to serve. */
async function refusedServe(site: DemoSite, more: readonly string[], input = '') {
  const group = site.location.tier === 'county' ? 'node' : 'hub';
  const command = ['serve', '--data', dataOf(site), '--test-ids', '--json', ...more];
  const { status, stdout, stderr } = await new RunningCommand([group, ...command], {}, input).outcome();
  said.push(stdout, stderr);
  const { error } = JSON.parse(stdout) as ErrorDocument;
  return { code: error.code, status, text: `${error.message} ${error.hint}` };
}

async function ask<Document>(...args: string[]) {
  const outcome = await tongbuJson<Document>(args);
  said.push(JSON.stringify(outcome.document), outcome.stderr);
  return outcome;
}

async function acts(group: 'hub' | 'node', site: DemoSite, as: string): Promise<readonly Act[]> {
  const { document } = await ask<{ acts: Act[] }>(
    ...[group, 'audit', '--data', dataOf(site), '--as', as, '--since', 'all'],
  );
  return document.acts;
}

const endMs = (folder: string) => describeCertificate(readLeaf(folder)).notAfterMs;
const isValid = (folder: string) => endMs(folder) > systemClock.nowMs();

/** The folders of somebody's ended certificate. */
const kept = (site: DemoSite, name: string) =>
  readdirSync(siteFolder(dataOf(site)).people).filter((each) => each.startsWith(`${name}.expired-`));

/** Waits for the request of an enrolment at a hub, and approves it. */
async function approveAt(hub: DemoSite, as: string): Promise<Request> {
  const options = ['--data', dataOf(hub), '--as', as];
  const request = await until('a request for admission', async () => {
    const { document } = await ask<{ requests?: Request[] }>('seal', 'requests', ...options);
    return document.requests?.find(({ kind }) => kind === 'enrolment');
  });
  const { status } = await ask('seal', 'approve', request.id, ...options);
  expect(status).toBe(0);
  return request;
}

async function tokenFile(hub: DemoSite, as: string, file: string, ...order: string[]): Promise<string> {
  const token = ['hub', 'token', '--data', dataOf(hub), '--as', as, '--rejoin', ...order, '--json'];
  const { stdout, status } = await new RunningCommand(token).outcome();
  expect(status, stdout).toBe(0);
  const path = join(world.folder, file);
  writeFileSync(path, (JSON.parse(stdout) as { line: string }).line, { mode: 0o600 });
  return path;
}

describe('a hub whose certificates have ended', () => {
  test('can not be called by its officers any more', async () => {
    await province.start();
    const { document, status } = await ask<ErrorDocument>(
      ...['seal', 'status', '--data', dataOf(province), '--as', person(province, 'officer-zhao')],
    );
    expect([document.error.code, status]).toEqual(['TB1625', 1]);
    expect(document.error.hint).toContain('hub serve --open-here');
    await province.stop();
  });

  test('is not opened by one share, by one twice, by a strange one, or by a wrong passphrase', async () => {
    const identities = ['zhao', 'qian'].map((name) => keyOf(province, name));
    const [zhao, qian] = ['zhao', 'qian'].map((name) => shareOf(province, name)) as [string, string];
    const serve = (...shares: string[]) => refusedServe(province, openHere(shares, identities));
    expect(await serve(zhao)).toMatchObject({ code: 'TB1383', status: 2 });
    expect(await serve(zhao, zhao)).toMatchObject({ code: 'TB1214' });
    const strange = openHere([zhao, shareOf(county, 'qian')], [...identities, keyOf(county, 'qian')]);
    const wrong = await refusedServe(province, strange);
    expect(wrong).toMatchObject({ code: 'TB1210', status: 1 });
    expect(wrong.text).toContain('qian');
    await relock(zhao);
    expect(await refusedServe(province, openHere([zhao, qian], identities), 'not this one\n')).toMatchObject({
      code: 'TB1224',
      status: 1,
    });
    expect(await refusedServe(province, ['--share', zhao])).toMatchObject({ code: 'TB1010', status: 2 });
    for (const part of ['gate', 'data'] as const) {
      expect(isValid(siteFolder(dataOf(province))[part])).toBe(false);
    }
  });

  test('opens here, renews its own certificates and gives those officers new ones that work', async () => {
    await province.start({}, bothOf(province), `${passphrase}\n`);
    const { gate, data, people } = siteFolder(dataOf(province));
    await until('the own certificates', () => isValid(gate) && isValid(data));
    for (const name of ['officer-zhao', 'officer-qian']) {
      expect(isValid(join(people, name))).toBe(true);
      expect(kept(province, name)).toHaveLength(1);
      expect(statSync(join(people, name)).mode & 0o777).toBe(0o700);
      expect(statSync(join(people, name, 'key.pem')).mode & 0o777).toBe(0o600);
    }
    expect(isValid(join(people, 'officer-sun'))).toBe(false);
    const { document, status } = await ask<{ state: string }>(
      ...['seal', 'status', '--data', dataOf(province), '--as', person(province, 'officer-zhao')],
    );
    expect([status, document.state]).toEqual([0, 'unsealed']);
  });

  test('has all of it in its audit log and in the journal inside', async () => {
    const found = await acts('hub', province, person(province, 'officer-zhao'));
    const opened = found.find(({ kind, step }) => kind === 'ceremony' && step === 'opened-here');
    expect(opened).toMatchObject({ actor: 'site', subject: 'zhao qian' });
    const here = found.filter(({ kind, step }) => kind === 'journal' && step === 'opened-here');
    expect(here.map(({ subject }) => subject.split(' ')[0])).toEqual(['zhao', 'qian']);
    const issued = found.filter(({ step }) => step === 'issued-here').map(({ subject }) => subject);
    expect(issued).toHaveLength(2);
    expect(issued.join()).toMatch(/officer\/zhao@430000 .*officer\/qian@430000 /);
    expect(found.filter(({ step }) => step === 'renewed').map(({ actor }) => actor)).toEqual(
      expect.arrayContaining(['gate@430000', 'hub@430000']),
    );
    expect(found.some(({ step }) => step === 'list-issued')).toBe(true);
  });
});

describe('a county whose certificates have ended', () => {
  const as = () => person(province, 'officer-zhao');

  test('is told the token line that it needs, and nothing changes', async () => {
    const token = await tokenFile(province, as(), 'less.txt', '--site', '430121', '--officer', 'zhao');
    const before = readLeaf(siteFolder(dataOf(county)).gate);
    const refused = await refusedServe(county, [...bothOf(county), '--token-file', token]);
    expect(refused.code).toBe('TB1380');
    expect(refused.text).toContain(
      'tongbu hub token --site 430121 --rejoin --officer zhao --officer qian --operator demo',
    );
    expect(readLeaf(siteFolder(dataOf(county)).gate)).toEqual(before);
    expect(kept(county, 'officer-zhao')).toEqual([]);
  });

  test('comes back with a token and an approval, with the keys that it had, and replicates again', async () => {
    const order = ['--site', '430121', '--officer', 'zhao', '--officer', 'qian', '--operator', 'demo'];
    const token = await tokenFile(province, as(), 'token.txt', ...order);
    const held = await auditAt(province);
    const starting = county.start({}, [...bothOf(county), '--token-file', token]);
    const { detail } = await approveAt(province, person(province, 'officer-qian'));
    expect(detail['keys']).toBe('those that the site has');
    await starting;
    expect(readFileSync(county.location.logFile, 'utf8')).toContain(detail['words']);
    const { gate, data, people } = siteFolder(dataOf(county));
    for (const folder of [gate, data, join(people, 'officer-zhao'), join(people, 'operator-demo')]) {
      expect(isValid(folder), folder).toBe(true);
    }
    const own = await acts('node', county, person(county, 'operator-demo'));
    const installed = own.filter(({ step }) => step === 'installed').map(({ subject }) => subject);
    expect(installed.map((subject) => subject.split(' ')[0])).toEqual(['gate', 'data']);
    expect(own.some(({ step }) => step === 'opened-here')).toBe(true);
    await until('the county.s audit log', async () => (await auditAt(province)) > held);
    expect(await siteRow()).toEqual(admitted);
    const { status } = await ask(
      ...['seal', 'status', '--data', dataOf(county), '--as', person(county, 'officer-zhao')],
    );
    expect(status).toBe(0);
  });

  test('starts sealed as ever from then on, and is opened over the network', async () => {
    await county.stop();
    await county.start();
    await county.unseal(['zhao', 'qian']);
    const { status } = await ask('node', 'status', '--data', dataOf(county));
    expect(status).toBe(0);
  });
});

describe('a province whose certificate at the nation has ended', () => {
  test('comes back there with a token of the nation', async () => {
    await province.stop();
    const { uplink } = siteFolder(dataOf(province));
    await ageIdentity(world, nation, uplink);
    const options = ['--data', dataOf(nation), '--as', person(nation, 'officer-zhao')];
    // The nation has issued newer lists meanwhile.
    const left = ['--site', '100000', '--role', 'officer', '--name', 'sun', '--reason', 'left'];
    const revoked = await ask('certs', 'revoke', ...options, ...left, '--note', 'left the office', '--yes');
    expect(revoked.status).toBe(0);
    const token = await tokenFile(nation, person(nation, 'officer-zhao'), 'up.txt', '--site', '430000');
    const more = [...bothOf(province), '--uplink-token-file', token];
    const starting = province.start({}, more, `${passphrase}\n`);
    const { detail } = await approveAt(nation, person(nation, 'officer-qian'));
    expect(detail['keys']).toBe('those that the site has');
    await starting;
    expect(isValid(uplink)).toBe(true);
    const found = await acts('hub', province, person(province, 'officer-zhao'));
    expect(found.filter(({ subject }) => subject.startsWith('uplink '))).toHaveLength(1);
    expect(found.filter(({ step }) => step === 'issued-here')).toHaveLength(2);
    const client = await province.officer('zhao');
    await until('the link to the nation', async () => {
      type Status = { links: readonly { state: string }[] };
      const { links } = await client.unary<Status>('site', 'Site', 'getStatus', {});
      return links.length > 0 && links.every(({ state }) => state === 'live');
    });
    client.close();
  });
});

test('no share, key or passphrase is in any output or program log', async () => {
  const logs = world.all.sites.map(({ location }) => readFileSync(location.logFile, 'utf8'));
  const all = [...said, ...logs].join('\n');
  expect(all.length).toBeGreaterThan(1_000);
  for (const site of [province, county]) {
    for (const name of ['zhao', 'qian']) {
      const identity = readFileSync(keyOf(site, name), 'utf8').trim();
      expect(all).not.toContain(identity);
      const locked = site === province && name === 'zhao';
      const key = locked ? { passphrase } : { identities: [identity] };
      const share = await readShareFile(readFileSync(shareOf(site, name)), key);
      expect(all).not.toContain(printShareText(share));
      expect(all).not.toContain(Buffer.from(share.value).toString('hex'));
    }
  }
  expect(all).not.toContain(passphrase);
  expect(all).not.toContain('not this one');
});

/** A share file that opens with a passphrase alone, as those that `init` asks for. */
async function relock(path: string): Promise<void> {
  const identity = readFileSync(keyOf(province, 'zhao'), 'utf8').trim();
  const share = await readShareFile(readFileSync(path), { identities: [identity] });
  writeFileSync(path, await printShareFile(share, { passphrase, workFactor: 10 }));
}

/** The county as the province's registry has it, in the county's copy. */
async function siteRow(): Promise<unknown> {
  const client = await county.client();
  const order = { dataset: 'registry', entity: 'site', pageSize: 100, pageToken: '' };
  const { rows } = await client.unary<{ rows: readonly { json: string }[] }>(
    ...(['node', 'Intake', 'list', order] as const),
  );
  return rows
    .map(({ json }) => JSON.parse(json) as Record<string, string>)
    .find((row) => {
      return row['site_code'] === '430121';
    });
}

/** Entries of the county's audit log that the province holds. */
async function auditAt(site: DemoSite): Promise<number> {
  const client = await site.officer('zhao');
  type Status = { logs: readonly { log: string; size: number }[] };
  const { logs } = await client.unary<Status>('site', 'Site', 'getStatus', {});
  client.close();
  return logs.find(({ log }) => log === '430121/audit')?.size ?? 0;
}
