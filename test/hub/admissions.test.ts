import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Enrolled } from '../../certs/enrolment.ts';
import { generateKeyPair } from '../../certs/key-pair.ts';
import { issueLeaf } from '../../certs/leaf.ts';
import { systemClock } from '../../core/base/clock.ts';
import { systemRandom } from '../../core/base/random.ts';
import { Intake } from '../../core/intake/intake.ts';
import type { Peer } from '../../core/link/channel.ts';
import { ChangeLog } from '../../core/log/change-log.ts';
import { LogStore } from '../../core/log/log-store.ts';
import { datasetOf } from '../../core/records/datasets.ts';
import { Approvals } from '../../core/site/approvals/approvals.ts';
import { Audit } from '../../core/site/audit/audit.ts';
import { knownSiteOf } from '../../core/site/directory.ts';
import { Database } from '../../core/store/database.ts';
import { migrate } from '../../core/store/migrate.ts';
import { Admissions } from '../../hub/admissions.ts';
import { CertificateRegister } from '../../hub/authority/certificate-register.ts';
import { HubEnrolmentApprovals } from '../../hub/enrolment-approvals.ts';
import { hubSchemas } from '../../hub/hub-datasets.ts';
import { SqlTokenStore } from '../../hub/sql-token-store.ts';
import { FaultPlan, failing } from '../support/failing-database.ts';
import { databaseKey, signerOf } from '../support/log-setting.ts';
import { issuance, Pki } from '../support/pki.ts';
import { TemporaryFolder } from '../support/temporary-folder.ts';

const hub = '430000';
const site = '430121';
const hourMs = 3_600_000;
const config = { site: hub, tier: 'province', trustDomain: 'hunan.example' } as const;
const digest = 'ab'.repeat(32);
const words = 'bako lisu jima nopi ruta saso tivi zudo';
const keys = { log: Buffer.alloc(32, 1), mirror: Buffer.alloc(32, 2), journal: Buffer.alloc(32, 3) };
const folders: TemporaryFolder[] = [];
const databases: Database[] = [];
let pki: Pki;
let certificates: Enrolled['certificates'];

beforeAll(async () => {
  pki = await Pki.create();
  certificates = await Promise.all((['gate', 'node'] as const).map(certificateOf));
});

async function certificateOf(role: 'gate' | 'node') {
  const { publicKey } = generateKeyPair();
  const identity = { trustDomain: config.trustDomain, site, role, name: '' };
  const issued = await issueLeaf(pki.issuing, { identity, hosts: [], publicKey }, issuance);
  return { ...issued, role, name: '' };
}
afterEach(() => {
  for (const database of databases.splice(0)) database.close();
  for (const folder of folders.splice(0)) folder.remove();
});

const officer = (name: string): Peer => ({
  site: hub,
  role: 'officer',
  name,
  trustDomain: config.trustDomain,
  fingerprint: 'cd'.repeat(32),
});

/** What a hub has around its token table, over a database that may fail. */
function partsOn(database: Database) {
  const clock = systemClock;
  const store = new LogStore(database);
  const intakeOf = (dataset: string) => {
    const name = { origin: hub, dataset };
    const log = new ChangeLog(store, name, signerOf(name), clock);
    return new Intake(database, datasetOf(dataset), log, clock, systemRandom);
  };
  const audit = new Audit({
    intake: intakeOf('audit'),
    site: hub,
    clock,
    random: systemRandom,
    grew: () => {},
  });
  const approvals = new Approvals(database, audit, clock, systemRandom);
  const tokens = new SqlTokenStore(database);
  const register = new CertificateRegister(database);
  const registry = intakeOf('registry');
  const known = (code: string) => {
    const { table, values } = registry.tables.at(`site/${code}`);
    const row = table.get(values, 'shown');
    return row && knownSiteOf(row.fields);
  };
  const waiting = new HubEnrolmentApprovals({ approvals, audit, tokens, clock, site: hub, known });
  const parts = { database, tokens, approvals, audit, register, registry, config, clock };
  return { ...parts, waiting, admissions: new Admissions(parts) };
}

/** A hub with one token, for which a county of new keys waits. */
async function setting() {
  const folder = new TemporaryFolder();
  folders.push(folder);
  const path = folder.file('hub.db');
  const database = Database.open({ path, key: databaseKey, mode: 'create', durability: 'full' });
  databases.push(database);
  migrate(database, [LogStore.schema, Approvals.schema, ...hubSchemas]);
  const parts = partsOn(database);
  const createdMs = systemClock.nowMs();
  const token = {
    hash: 'ef'.repeat(32),
    site,
    grants: ['gate', 'node'],
    createdBy: 'officer/zhao',
    createdMs,
    expiresMs: createdMs + hourMs,
  };
  await parts.tokens.add(token);
  parts.tokens.describe(token.hash, '长沙县', config.trustDomain);
  const request = { token, digest, words, grants: token.grants, keys, from: '10.0.0.9' };
  return { ...parts, token, request };
}

type Setting = Awaited<ReturnType<typeof setting>>;

async function approved({ waiting, approvals, request }: Setting): Promise<Enrolled> {
  const { id } = waiting.open(request);
  await approvals.approve(id, officer('qian'));
  const approval = waiting.of(request.token.hash);
  if (!approval) throw new TypeError('the request was opened');
  return {
    token: request.token,
    approval,
    use: { atMs: systemClock.nowMs(), from: '10.0.0.9' },
    keys,
    certificates,
  };
}

/** How much of an admission is there. */
function traces({ database, tokens, approvals, token }: Setting) {
  const count = (sql: string) => database.prepare<{ n: number }>(sql).get()?.n;
  return {
    used: tokens.isUsed(token.hash),
    state: approvals.get(tokens.requestOf(token.hash) ?? '').state,
    certificates: count('SELECT count(*) AS n FROM certificate'),
    sites: count(`SELECT count(*) AS n FROM site WHERE site_code = '${site}'`),
  };
}

const nothing = { used: false, state: 'approved', certificates: 0, sites: 0 };
const everything = { used: true, state: 'done', certificates: 2, sites: 1 };

describe('an admission', () => {
  test('happens once', async () => {
    const there = await setting();
    const enrolled = await approved(there);
    expect(traces(there)).toEqual(nothing);
    expect(there.admissions.admit(enrolled)).toBe(true);
    expect(traces(there)).toEqual(everything);
    expect(there.admissions.admit(enrolled)).toBe(false);
    expect(traces(there)).toEqual(everything);
  });

  test('is refused when the token is made if the registry could not take it in the end', async () => {
    const { admissions } = await setting();
    expect(admissions.fits(site, '长沙县', 'hunan.example')).toBe(true);
    expect(admissions.fits(site, '', 'hunan.example')).toBe(false);
    expect(admissions.fits(site, '长沙县', 'Hunan Example')).toBe(false);
  });

  test('that is not approved, was withdrawn or rejected does not happen', async () => {
    for (const decide of [
      () => {},
      ({ waiting }: Setting, id: string) => waiting.withdraw(id, '10.0.0.9'),
      ({ approvals }: Setting, id: string) => void approvals.reject(id, officer('qian'), 'nobody called'),
    ]) {
      const there = await setting();
      const approval = there.waiting.open(there.request);
      decide(there, approval.id);
      const use = { atMs: systemClock.nowMs(), from: 'a' };
      const enrolled = { token: there.token, approval, use, keys, certificates };
      expect(() => there.admissions.admit(enrolled)).toThrow(/TB190[14]/);
      expect(traces(there)).toMatchObject({ used: false, certificates: 0, sites: 0 });
    }
  });

  test.each(['before', 'after'] as const)(
    'is whole or not at all when any durable step fails (%s it)',
    async (when) => {
      for (let step = 0; ; step += 1) {
        const there = await setting();
        const enrolled = await approved(there);
        const plan = new FaultPlan(step, when);
        const broken = partsOn(failing(there.database, plan));
        const attempt = () => broken.admissions.admit(enrolled);
        if (!attemptFails(attempt)) {
          expect([plan.fired, step > 8]).toEqual([false, true]);
          break;
        }
        const found = traces(there);
        expect([nothing, everything]).toContainEqual(found);
        expect(there.admissions.admit(enrolled)).toBe(!found.used);
        expect(traces(there)).toEqual(everything);
      }
    },
  );

  test('does not happen while the audit can not be written', async () => {
    const there = await setting();
    const enrolled = await approved(there);
    there.database.execute('DROP TABLE audit_act');
    expect(() => there.admissions.admit(enrolled)).toThrow();
    expect(traces(there)).toEqual(nothing);
  });
});

describe('a request to officers', () => {
  test('has the creator of the token as its asker, who can not approve it', async () => {
    const there = await setting();
    const { id } = there.waiting.open(there.request);
    expect(there.approvals.get(id)).toMatchObject({
      askedBy: 'officer/zhao@430000',
      required: 1,
      expiresMs: there.token.expiresMs,
      detail: { site, words, address: '10.0.0.9', grants: 'gate node', keys: 'new', digest },
    });
    await expect(there.approvals.approve(id, officer('zhao'))).rejects.toMatchObject({ code: 'TB1902' });
  });

  test('says when it would replace the keys of a site that is admitted', async () => {
    const there = await setting();
    there.admissions.admit(await approved(there));
    const again = { ...there.token, hash: '01'.repeat(32) };
    await there.tokens.add(again);
    const others = { ...keys, mirror: Buffer.alloc(32, 9) };
    const { id } = there.waiting.open({ ...there.request, token: again, keys: others });
    expect(there.approvals.get(id).detail['keys']).toMatch(/replaces/);
    const person = { ...there.token, hash: '02'.repeat(32) };
    await there.tokens.add(person);
    const none = { log: Buffer.alloc(0), mirror: Buffer.alloc(0), journal: Buffer.alloc(0) };
    const later = there.waiting.open({ ...there.request, token: person, keys: none });
    expect(there.approvals.get(later.id).detail['keys']).toBe('new');
  });

  test('of a site that comes back with the keys it has says so, and changes nothing in the registry', async () => {
    const there = await setting();
    there.admissions.admit(await approved(there));
    const site = () => there.database.prepare('SELECT * FROM site').all();
    const before = site();
    const token = { ...there.token, hash: '03'.repeat(32) };
    await there.tokens.add(token);
    there.tokens.describe(token.hash, '长沙县', config.trustDomain);
    const back = { ...there, token, request: { ...there.request, token } };
    const enrolled = await approved(back);
    const { id } = enrolled.approval;
    expect(there.approvals.get(id).detail['keys']).toBe('those that the site has');
    const fresh = await Promise.all((['gate', 'node'] as const).map(certificateOf));
    expect(there.admissions.admit({ ...enrolled, certificates: fresh })).toBe(true);
    expect(site()).toEqual(before);
  });

  test('that can not be recorded is not opened, and the token stays free for the next', async () => {
    const there = await setting();
    const broken = partsOn(failing(there.database, new FaultPlan(0, 'before')));
    expect(() => broken.waiting.open(there.request)).toThrow();
    expect(there.waiting.of(there.token.hash)).toBeUndefined();
    expect(there.approvals.list()).toEqual([]);
    expect(there.waiting.open(there.request)).toMatchObject({ state: 'open', digest });
  });
});

function attemptFails(attempt: () => unknown): boolean {
  try {
    attempt();
    return false;
  } catch {
    return true;
  }
}
