import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRequest } from '../../certs/certificate-request.ts';
import { parseToken } from '../../certs/enrolment-token.ts';
import { generateKeyPair } from '../../certs/key-pair.ts';
import { issueLeaf } from '../../certs/leaf.ts';
import { systemClock } from '../../core/base/clock.ts';
import { systemRandom } from '../../core/base/random.ts';
import { readAuthorityFolder } from '../../core/site/joining/authority-folder.ts';
import { readIdentity } from '../../core/site/trust/identity-folder.ts';
import { EnrolmentClient, type ExamineUnder } from '../../core/wire/enrolment-client.ts';
import type { EnrolmentRequest, WaitingEnrolment } from '../../core/wire/enrolment-messages.ts';
import type { SiteClient } from '../../core/wire/site-client.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { RunningCommand } from '../support/command.ts';
import { TestConstellation } from '../support/constellation.ts';
import { refusal } from '../support/json-command.ts';
import { clientOf, examineFor } from '../support/site-double.ts';
import { until } from '../support/until.ts';

interface RequestMessage {
  readonly id: string;
  readonly state: string;
  readonly askedBy: string;
  readonly detail: Readonly<Record<string, string>>;
}

const siteKeys = { log: Buffer.alloc(32, 1), mirror: Buffer.alloc(32, 2), journal: Buffer.alloc(32, 3) };
let world: TestConstellation;
let province: DemoSite;
const clients: SiteClient[] = [];
/** What must be found nowhere, and where it is looked for. */
const secrets: Uint8Array[] = [];
const printed: string[] = [];
let operator: SiteClient;
let zhao: SiteClient;
let qian: SiteClient;

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: [] });
  province = world.all.province;
  operator = await province.client();
  zhao = await province.officer('zhao');
  qian = await province.officer('qian');
  clients.push(zhao, qian);
}, 120_000);
afterAll(async () => {
  for (const client of clients) client.close();
  await world?.close();
});

async function token(
  by: SiteClient,
  site: string,
  grants: readonly string[],
  lifeSeconds = 600,
): Promise<string> {
  const order = { site, name: site, grants, trustDomain: '', lifeSeconds };
  const { line } = await by.unary<{ line: string }>('hub', 'Hub', 'createToken', order);
  secrets.push(parseToken(line).token);
  return line;
}

const approve = (officer: SiteClient, id: string) =>
  officer.unary<{ request: RequestMessage }>('approvals', 'Approvals', 'approve', { id });

async function requests(): Promise<readonly RequestMessage[]> {
  const list = { state: '' };
  return (await qian.unary<{ requests: RequestMessage[] }>('approvals', 'Approvals', 'listRequests', list))
    .requests;
}

/** The stranger's side, and a request of a county with new keys. */
async function stranger(line: string, site = '430121'): Promise<[EnrolmentClient, EnrolmentRequest]> {
  const address = parseToken(line);
  const examine: ExamineUnder = (der) => examineFor(province)(der);
  const certificates = await Promise.all(
    ['gate', 'node'].map(async (role) => ({
      role,
      name: '',
      hosts: [],
      csr: await createRequest(generateKeyPair(), role),
    })),
  );
  const request = { token: address.token, site, certificates, keys: siteKeys };
  return [new EnrolmentClient(address, examine, systemClock), request];
}

async function waitingOf(client: EnrolmentClient, request: EnrolmentRequest): Promise<WaitingEnrolment> {
  const answer = await client.enrol(request);
  if (!('waiting' in answer)) throw new Error('certificates without an approval');
  return answer.waiting;
}

/** Acts of the province's audit log, the oldest first. */
async function acts(kind: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const rows: Record<string, string>[] = [];
  let pageToken = '';
  do {
    const order = { dataset: 'audit', entity: 'act', pageSize: 1_000, pageToken };
    const page = await operator.unary<{
      rows: readonly { json: string }[];
      nextPageToken: string;
    }>('node', 'Intake', 'list', order);
    rows.push(...page.rows.map(({ json }) => JSON.parse(json) as Record<string, string>));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return rows.filter(({ act_kind: found }) => found === kind);
}

describe('a county that enrols', () => {
  test('is not admitted by who made its token, by an operator, or by an officer from elsewhere', async () => {
    const [client, request] = await stranger(await token(zhao, '430121', ['gate', 'node']));
    const { requestId } = await waitingOf(client, request);
    await expect(approve(zhao, requestId)).rejects.toMatchObject({ code: 'TB1902' });
    await expect(approve(operator, requestId)).rejects.toMatchObject({ code: 'TB1606' });
    await expect(approve(await countyOfficer(), requestId)).rejects.toMatchObject({ code: 'TB1606' });
    expect(await waitingOf(client, request)).toMatchObject({ requestId });
    expect(await sites()).not.toContain('430121');
  });

  test('is admitted once by another officer, however many copies of it ask at once', async () => {
    const [client, request] = await stranger(await token(zhao, '430122', ['gate', 'node']), '430122');
    const { requestId, words } = await waitingOf(client, request);
    const { request: approved } = await approve(qian, requestId);
    expect(approved).toMatchObject({ askedBy: 'officer/zhao@430000', detail: { words, site: '430122' } });
    expect(await sites()).not.toContain('430122');
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => client.enrol(request)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toMatchObject([
      { value: { certificates: [{ role: 'gate' }, { role: 'node' }] } },
    ]);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'TB1313' });
    expect(await sites()).toContain('430122');
    expect((await requests()).find(({ id }) => id === requestId)).toMatchObject({ state: 'done' });
    const admitted = (await acts('enrolment')).filter(
      ({ act_step: step, subject }) => step === 'admitted' && subject?.includes('430122'),
    );
    expect(admitted).toMatchObject([{ detail: expect.stringContaining(requestId), from_addr: '127.0.0.1' }]);
  });

  test('leaves every step in the audit log: token, question, approval, admission', async () => {
    const made = (await acts('enrolment')).map(
      ({ act_step: step, actor, subject }) => `${step} ${actor} ${subject}`,
    );
    expect(made).toEqual(
      expect.arrayContaining([
        'token-made officer/zhao@430000 430122 gate node',
        expect.stringMatching(/^asked site 430122 ([a-z]{4} ?){8}$/),
        'admitted site 430122 gate node',
      ]),
    );
    const voices = (await acts('approval')).filter(({ subject }) => subject?.includes('430122'));
    expect(voices.map(({ act_step: step, actor }) => `${step} ${actor}`).sort()).toEqual([
      'approved officer/qian@430000',
      'requested officer/zhao@430000',
    ]);
  });

  test('whose token comes with other keys is told from that one, and the hub remembers', async () => {
    const line = await token(operator, '430124', ['gate', 'node']);
    const [client, request] = await stranger(line, '430124');
    const [thief, other] = await stranger(line, '430124');
    const { requestId } = await waitingOf(client, request);
    await approve(qian, requestId);
    await expect(thief.enrol(other)).rejects.toMatchObject({ code: 'TB1370', parameters: { id: requestId } });
    expect(await client.enrol(request)).toHaveProperty('certificates');
    const [contest] = (await acts('enrolment')).filter(({ act_step: step }) => step === 'other-keys');
    expect(contest).toMatchObject({ result: 'TB1370', detail: expect.stringContaining(requestId) });
  });

  test('whose time is over is not approved any more', async () => {
    const [client, request] = await stranger(await token(zhao, '430181', ['gate', 'node'], 2), '430181');
    const { requestId } = await waitingOf(client, request);
    const expired = async () => (await requests()).find(({ id }) => id === requestId)?.state === 'expired';
    await until('the request expires', expired);
    await expect(approve(qian, requestId)).rejects.toMatchObject({ code: 'TB1901' });
    await expect(client.enrol(request)).rejects.toMatchObject({ code: 'TB1314' });
    expect(await sites()).not.toContain('430181');
  });
});

describe('a person of the province', () => {
  const identity = () => join(world.folder, 'zhou');

  test('gets a certificate by command, with a key that only that person can read', async () => {
    const file = tokenFile('zhou', await token(operator, '430000', ['auditor/zhou']));
    const args = [
      'certs',
      'enrol',
      '--token-file',
      file,
      '--role',
      'auditor',
      '--name',
      'zhou',
      '--out',
      identity(),
    ];
    const enrolling = new RunningCommand([...args, '--json']);
    const request = await opened('auditor/zhou');
    await until('the words are shown', () => enrolling.stderr.includes(request.detail['words'] ?? '?'));
    expect(existsSync(identity())).toBe(false);
    await approve(qian, request.id);
    const { status, stdout, stderr } = await enrolling.outcome();
    printed.push(stdout, stderr);
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ site: '430000', role: 'auditor', name: 'zhou', folder: identity() }),
    ]);
    expect(statSync(join(identity(), 'key.pem')).mode & 0o777).toBe(0o600);
    const auditor = clientOf(province, await readIdentity(identity()));
    clients.push(auditor);
    expect(await auditor.unary('hub', 'Hub', 'listSites', {})).toHaveProperty('sites');
    const notHis = token(auditor, '430121', ['gate', 'node']);
    await expect(notHis).rejects.toMatchObject({ code: 'TB1606' });
  });

  test('who is there already gets no second of officer, operator and auditor', async () => {
    const { dataDir } = province.location;
    const ask = (...options: string[]) =>
      refusal(['hub', 'token', '--data', dataDir, '--site', '430000', '--existing', ...options]);
    expect(await ask('--officer', 'zhou')).toEqual(['TB1376', 2]);
    expect(await ask('--auditor', 'zhao')).toEqual(['TB1376', 2]);
    expect(await ask('--auditor', 'demo')).toEqual(['TB1376', 2]);
    expect(await ask('--grant', 'hub')).toEqual(['TB1377', 2]);
  });

  test('who interrupts the command withdraws the request, and may use the token again', async () => {
    const out = join(world.folder, 'wu');
    const file = tokenFile('wu', await token(operator, '430000', ['auditor/wu']));
    const args = [
      'certs',
      'enrol',
      '--token-file',
      file,
      '--role',
      'auditor',
      '--name',
      'wu',
      '--out',
      out,
      '--json',
    ];
    const first = new RunningCommand(args);
    const { id, detail } = await opened('auditor/wu');
    await until('it waits', () => first.stderr.includes(detail['words'] ?? '?'));
    first.child.kill('SIGINT');
    const { status, stdout, stderr } = await first.outcome();
    printed.push(stdout, stderr);
    expect([status, JSON.parse(stdout)]).toEqual([
      1,
      expect.objectContaining({ error: expect.objectContaining({ code: 'TB1374' }) }),
    ]);
    expect((await requests()).find((one) => one.id === id)).toMatchObject({ state: 'withdrawn' });
    await expect(approve(qian, id)).rejects.toMatchObject({ code: 'TB1901' });
    expect(existsSync(out)).toBe(false);
    const second = new RunningCommand(args);
    await approve(qian, (await opened('auditor/wu')).id);
    expect((await second.outcome()).status).toBe(0);
  });

  test('mistakes are named before the hub hears of the token', async () => {
    const file = tokenFile('li', await token(operator, '430000', ['auditor/li']));
    const ask = (...options: string[]) => refusal(['certs', 'enrol', '--token-file', file, ...options]);
    const out = ['--out', join(world.folder, 'li')];
    expect(await ask('--role', 'node', ...out)).toEqual(['TB1379', 2]);
    expect(await ask('--role', 'auditor', ...out)).toEqual(['TB1010', 2]);
    expect(await ask('--role', 'auditor', '--name', 'li', '--out', identity())).toEqual(['TB1609', 2]);
    expect(await ask('--role', 'officer', '--name', 'li', ...out)).toEqual(['TB1316', 1]);
    expect((await requests()).some(({ detail }) => detail['grants'] === 'auditor/li')).toBe(false);
  });

  test('and no token and no key stands in anything that was printed, logged, recorded or shown', async () => {
    const [, ...key] = readFileSync(join(identity(), 'key.pem'), 'utf8').trim().split('\n').reverse();
    const everywhere = [
      ...printed,
      readFileSync(province.location.logFile, 'utf8'),
      JSON.stringify([await acts('enrolment'), await acts('approval'), await requests()]),
    ];
    expect([secrets.length, printed.length, key.length]).toEqual([7, 4, 4]);
    for (const text of everywhere) {
      for (const secret of secrets)
        for (const form of ['hex', 'base64', 'base64url'] as const)
          expect(text).not.toContain(Buffer.from(secret).toString(form));
      expect(text).not.toContain(key[0]);
    }
  });
});

function tokenFile(name: string, line: string): string {
  const file = join(world.folder, `${name}.token`);
  writeFileSync(file, `${line}\n`, { mode: 0o600 });
  return file;
}

function opened(grants: string): Promise<RequestMessage> {
  return until(`a request for ${grants}`, async () =>
    (await requests()).find(({ state, detail }) => state === 'open' && detail['grants'] === grants),
  );
}

async function sites(): Promise<readonly string[]> {
  const answer = await operator.unary<{ sites: { site: string }[] }>('hub', 'Hub', 'listSites', {});
  return answer.sites.map(({ site }) => site);
}

/** An officer of a county, with a genuine certificate of the province. */
async function countyOfficer(): Promise<SiteClient> {
  const folder = join(world.folder, 'authorities', '430000');
  const identity = readFileSync(join(folder, 'identity.age'), 'utf8');
  const { issuing } = await readAuthorityFolder(folder, { identities: [identity] });
  const { privateKey, publicKey } = generateKeyPair();
  const { trustDomain } = province.config;
  const leaf = {
    identity: { trustDomain, site: '430121', role: 'officer', name: 'sun' },
    hosts: [],
    publicKey,
  } as const;
  const { certificate } = await issueLeaf(issuing, leaf, { clock: systemClock, random: systemRandom });
  const genuine = await readIdentity(join(province.location.dataDir, 'people', 'operator-demo'));
  const chain = [certificate, ...genuine.chain.slice(1)];
  const client = clientOf(province, { ...genuine, chain, privateKey });
  clients.push(client);
  return client;
}
