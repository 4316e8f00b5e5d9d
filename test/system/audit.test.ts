import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fault } from '../../core/base/errors.ts';
import { helloOf } from '../../core/link/protocol.ts';
import type { LogName } from '../../core/log/batch.ts';
import { RightEdge } from '../../core/log/right-edge.ts';
import { ungrouped } from '../../core/site/audit/journal-copy.ts';
import type { SiteClient } from '../../core/wire/site-client.ts';
import { ceremonyOfficers } from '../../scripts/demo/constellation.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { TestConstellation } from '../support/constellation.ts';
import { Conversation, Refused } from '../support/conversation.ts';
import { clientOfPerson, issuePerson } from '../support/issued-person.ts';
import { tongbuJson } from '../support/json-command.ts';
import { catalogRows, countyRows, putRows } from '../support/rows.ts';
import { until } from '../support/until.ts';

interface ActMessage {
  readonly index: number;
  readonly no: string;
  readonly kind: string;
  readonly step: string;
  readonly actor: string;
  readonly fingerprint: string;
  readonly from: string;
  readonly subject: string;
  readonly result: string;
  readonly detail: string;
}

const [inside, outside] = ['430121', '430221'] as const;

let world: TestConstellation;
let county: DemoSite;
let province: DemoSite;
beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: [inside, outside] });
  county = world.all.county(inside);
  province = world.all.province;
}, 180_000);
afterAll(() => world?.close());

async function acts(client: SiteClient, filter: object = {}): Promise<readonly ActMessage[]> {
  const request = { site: '', from: 0, sinceMs: 0, kind: '', actor: '', pageSize: 1_000, ...filter };
  const answer = await client.unary<{ acts: ActMessage[] }>('site', 'Site', 'listActs', request);
  return answer.acts;
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'answered';
  } catch (error) {
    if (error instanceof Fault) return error.code;
    if (error instanceof Refused) return error.refusal?.code ?? 'ended';
    throw error;
  }
}

async function drained(stream: AsyncIterable<unknown>): Promise<number> {
  let answers = 0;
  for await (const _answer of stream) answers += 1;
  return answers;
}

function exported(client: SiteClient, log: string): Promise<number> {
  const { signal } = new AbortController();
  return drained(client.stream('site', 'Site', 'exportLog', { log }, signal));
}

describe('at a county', () => {
  test('logins, rows handed in, exports and refusals are acts with person, certificate and address', async () => {
    const { enrollment = [] } = countyRows(inside, 8);
    await putRows(county, 'enrollment', enrollment);
    const operator = await county.client();
    await exported(operator, `${inside}/enrollment`);
    const business = await clientOfPerson(world, county, inside, 'business/his');
    const refused = await codeOf(() => business.unary('site', 'Site', 'getStatus', {}));
    business.close();
    expect(refused).toBe('TB1606');
    const auditor = await clientOfPerson(world, county, inside, 'auditor/zhou');
    const seen = await acts(auditor);
    auditor.close();
    const of = (kind: string, step: string) => seen.filter((act) => act.kind === kind && act.step === step);
    expect(of('login', 'logged-in')).toContainEqual(
      expect.objectContaining({
        actor: `operator/demo@${inside}`,
        from: expect.stringContaining('127.0.0.1'),
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      }),
    );
    expect(of('login', 'logged-in').map(({ actor }) => actor)).toContain(`auditor/zhou@${inside}`);
    expect(of('call', 'put')).toMatchObject([
      { subject: 'enrollment', detail: `accepted ${enrollment.length}, unchanged 0, refused 0` },
    ]);
    expect(of('export', 'export-log')).toMatchObject([
      { actor: `operator/demo@${inside}`, subject: `${inside}/enrollment`, result: 'ok' },
    ]);
    expect(of('refusal', 'call-refused')).toMatchObject([
      { actor: `business/his@${inside}`, subject: '/tongbu.v1.Site/GetStatus', result: 'TB1606' },
    ]);
  });

  test('a load is one act before its first row and one with its counts after its last', async () => {
    const { enrollment = [] } = countyRows(inside, 12);
    const client = await county.client();
    const rows = Buffer.from(enrollment.map((row) => JSON.stringify(row)).join('\n'));
    const request = { rows: { dataset: 'enrollment', entity: '', rows, firstRow: 1 } };
    const portions = (async function* () {
      yield request;
      yield request;
    })();
    expect(await drained(client.portions('node', 'Intake', 'load', portions, 2))).toBe(2);
    const found = await until('the end of the load is written', async () => {
      const loads = (await acts(client, { kind: 'call' })).filter(({ step }) => step.startsWith('load'));
      return loads.length === 2 && loads;
    });
    expect(found.map(({ step }) => step)).toEqual(['load-begun', 'load']);
    expect(found[1]?.detail).toMatch(/^accepted \d+, unchanged \d+, refused 0$/);
  });

  test('its acts arrive at the province, entry by entry the same, and its officers read them there', async () => {
    const own = await acts(await county.client());
    const last = own.at(-1)?.no;
    const hub = await province.client();
    const there = await until('the act is at the province', async () => {
      const found = await codeOf(() => acts(hub, { site: inside }));
      if (found !== 'answered') return undefined;
      const received = await acts(hub, { site: inside });
      return received.some(({ no }) => no === last) && received;
    });
    expect(there.slice(0, own.length)).toEqual(own);
    expect(await codeOf(() => acts(hub, { site: '430999' }))).toBe('TB1954');
    expect(await codeOf(() => acts(hub, { kind: 'gossip' }))).toBe('TB1955');
  });
});

describe('the journal of the seal', () => {
  const lines = () =>
    readFileSync(join(county.location.dataDir, 'seal', 'journal'), 'latin1')
      .split('\n')
      .slice(0, -1);

  test('is in audit after a restart, letter by letter, and the command finds it whole', async () => {
    await county.kill();
    const atRest = lines();
    await world.revive(county);
    const held = (await acts(await county.client(), { kind: 'journal' })).map(({ detail }) =>
      ungrouped(detail),
    );
    expect(held.slice(0, atRest.length)).toEqual(atRest);
    expect(held.length).toBeGreaterThan(atRest.length);
    const restarts = await acts(await county.client(), { kind: 'restart' });
    expect(restarts.map(({ step }) => step)).toEqual(['started', 'unsealed', 'started', 'unsealed']);
    const as = await issuePerson(world, inside, 'auditor/wu');
    const { dataDir } = county.location;
    const args = ['node', 'audit', '--data', dataDir, '--as', as, '--verify'];
    const { status, document } = await tongbuJson<{ whole: boolean; journalRecords: number }>(args);
    expect([status, document.whole]).toEqual([0, true]);
    expect(document.journalRecords).toBe(held.length);
  });

  test('cut behind the back of the site keeps it sealed, by name, until it is put back', async () => {
    await county.stop();
    const path = join(county.location.dataDir, 'seal', 'journal');
    const whole = readFileSync(path);
    const kept = lines();
    writeFileSync(path, `${kept.slice(0, 3).join('\n')}\n`);
    await county.start();
    expect(await codeOf(() => county.unseal(ceremonyOfficers))).toBe('TB1950');
    const client = await county.client();
    expect(await codeOf(() => client.unary('site', 'Site', 'getStatus', {}))).toBe('TB1601');
    await county.stop();
    writeFileSync(path, whole);
    await world.revive(county);
    expect(await codeOf(async () => acts(await county.client()))).toBe('answered');
  });
});

describe('at the province', () => {
  test('an auditor reads acts and nothing of the insured', async () => {
    await world.arrived(province, `${inside}/enrollment`, 1);
    const auditor = await clientOfPerson(world, province, '430000', 'auditor/zhou');
    expect(await codeOf(() => acts(auditor, { site: inside }))).toBe('answered');
    expect(await codeOf(() => exported(auditor, `${inside}/audit`))).toBe('answered');
    expect(await codeOf(() => exported(auditor, `${inside}/enrollment`))).toBe('TB1951');
    const prove = { log: `${inside}/enrollment`, entry: 'index', index: 0 };
    expect(await codeOf(() => auditor.unary('site', 'Site', 'prove', prove))).toBe('TB1951');
    const rows = { dataset: 'registry', entity: '', pageSize: 1, pageToken: '' };
    expect(await codeOf(() => auditor.unary('node', 'Intake', 'list', rows))).toBe('TB1606');
    auditor.close();
  });

  test('a city sees its counties and no other, no audit log, and reads nothing', async () => {
    for (const code of [inside, outside]) await world.arrived(province, `${code}/audit`, 1);
    const city = await clientOfPerson(world, province, '430100', 'city/changsha');
    const { sites } = await city.unary<{ sites: { site: string }[] }>('hub', 'Hub', 'listSites', {});
    expect(sites.map(({ site }) => site)).toEqual([inside]);
    type Status = { logs: { log: string }[]; links: object[] };
    const { logs, links } = await city.unary<Status>('site', 'Site', 'getStatus', {});
    expect(logs.map(({ log }) => log)).toContain(`${inside}/enrollment`);
    expect(logs.filter(({ log }) => !log.startsWith('4301') || log.endsWith('/audit'))).toEqual([]);
    expect(links).toEqual([]);
    expect(await codeOf(() => acts(city))).toBe('TB1606');
    expect(await codeOf(() => exported(city, `${inside}/enrollment`))).toBe('TB1606');
    city.close();
    const stranger = await clientOfPerson(world, province, '440100', 'city/guangzhou');
    expect(await codeOf(() => stranger.unary('hub', 'Hub', 'listSites', {}))).toBe('TB1606');
    stranger.close();
  });

  test('publishing a catalog is an act of its own kind', async () => {
    await putRows(province, 'catalog', catalogRows(3));
    const published = await acts(await province.client(), { kind: 'publish' });
    expect(published.at(-1)).toMatchObject({
      actor: 'operator/demo@430000',
      subject: 'catalog',
      detail: expect.stringMatching(/^accepted \d+, unchanged 0, refused 0$/),
    });
  });
});

describe('a subscriber', () => {
  const log = { origin: inside, dataset: 'enrollment' } as const;
  const contract = { subscriber: '430000/stats', logs: ['enrollment'], reason: 'yearly statistics' };

  /** Says hello and hears the hub's. Throws the refusal when there is one. */
  async function pullOf(client: SiteClient, of: LogName): Promise<Conversation> {
    const conversation = Conversation.on(client.dial('pull'));
    await conversation.say(helloOf('430000', of));
    await conversation.hear('hello');
    return conversation;
  }

  async function asked(): Promise<string> {
    const client = await province.client();
    const answer = await client.unary<{ requestId: string }>('hub', 'Hub', 'askContract', contract);
    return answer.requestId;
  }

  test('receives exactly what a contract names that another officer approved, until it ends', async () => {
    const subscriber = await clientOfPerson(world, province, '430000', 'subscriber/stats');
    const pulled = (of: LogName) => pullOf(subscriber, of);
    expect(await codeOf(() => pulled(log))).toBe('unknown-log');
    const id = await asked();
    expect(await codeOf(() => pulled(log))).toBe('unknown-log');
    const officer = await province.officer('qian');
    await officer.unary('approvals', 'Approvals', 'approve', { id });
    const conversation = await pulled(log);
    await conversation.say({ kind: 'position', size: 0, root: RightEdge.empty().root() });
    expect((await conversation.hear('batch')).count).toBeGreaterThan(0);
    for (const dataset of ['audit', 'persons', 'claims'])
      expect(await codeOf(() => pulled({ origin: inside, dataset }))).toBe('unknown-log');
    expect(await codeOf(() => pulled({ origin: '999999', dataset: 'enrollment' }))).toBe('unknown-log');
    expect(await codeOf(() => subscriber.unary('hub', 'Hub', 'listSites', {}))).toBe('TB1606');
    const ended = { subscriber: contract.subscriber, reason: 'the study is over' };
    const operator = await province.client();
    await operator.unary('hub', 'Hub', 'endContract', ended);
    expect(await codeOf(() => conversation.hear('batch'))).toBe('unknown-log');
    expect(await codeOf(() => pulled(log))).toBe('unknown-log');
    expect(await codeOf(() => operator.unary('hub', 'Hub', 'endContract', ended))).toBe('TB1953');
    const other = await clientOfPerson(world, province, '430000', 'subscriber/other');
    expect(await codeOf(() => pullOf(other, log))).toBe('unknown-log');
    for (const client of [subscriber, officer, other]) client.close();
    const steps = (await acts(operator)).filter(({ subject }) => subject.includes('430000/stats'));
    expect(steps.map(({ kind, step }) => `${kind}/${step}`)).toEqual([
      'approval/requested',
      'approval/approved',
      'contract/in-force',
      'contract/ended',
    ]);
    expect((await acts(operator, { kind: 'export', actor: 'subscriber/stats' })).length).toBe(1);
  });

  test('gets no contract from who asks for it, none over audit logs, and none that names nothing', async () => {
    const officer = await province.officer('zhao');
    const ask = (order: object) => officer.unary('hub', 'Hub', 'askContract', { ...contract, ...order });
    for (const order of [
      { logs: ['audit'] },
      { logs: [`${inside}/audit`] },
      { logs: [] },
      { logs: ['Robert; --'] },
      { subscriber: 'stats' },
      { subscriber: '430000/../x' },
    ])
      expect(await codeOf(() => ask(order))).toBe('TB1952');
    expect(await codeOf(() => ask({ reason: 'x' }))).toBe('TB1905');
    const { requestId: id } = await officer.unary<{ requestId: string }>(
      'hub',
      'Hub',
      'askContract',
      contract,
    );
    expect(await codeOf(() => officer.unary('approvals', 'Approvals', 'approve', { id }))).toBe('TB1902');
    officer.close();
  });
});
