import { afterEach, describe, expect, test } from 'vitest';
import { fault } from '../../../../core/base/errors.ts';
import { seededRandom } from '../../../../core/base/random.ts';
import { Intake } from '../../../../core/intake/intake.ts';
import type { Peer } from '../../../../core/link/channel.ts';
import { ChangeLog } from '../../../../core/log/change-log.ts';
import { LogStore } from '../../../../core/log/log-store.ts';
import { datasetOf } from '../../../../core/records/datasets.ts';
import { type ApprovalOrder, Approvals } from '../../../../core/site/approvals/approvals.ts';
import { Audit } from '../../../../core/site/audit/audit.ts';
import { Database } from '../../../../core/store/database.ts';
import { migrate } from '../../../../core/store/migrate.ts';
import { ManualClock } from '../../../support/cli-world.ts';
import { FaultPlan, failing } from '../../../support/failing-database.ts';
import { databaseKey, signerOf } from '../../../support/log-setting.ts';
import { TemporaryFolder } from '../../../support/temporary-folder.ts';

const site = '430121';
const folders: TemporaryFolder[] = [];
const databases: Database[] = [];

afterEach(() => {
  for (const database of databases.splice(0)) database.close();
  for (const folder of folders.splice(0)) folder.remove();
});

function person(role: string, name: string): Peer {
  return { site, role, name, trustDomain: 'hunan.example', fingerprint: 'ab'.repeat(32) };
}

const operator = person('operator', 'li');
const [zhao, qian, sun] = ['zhao', 'qian', 'sun'].map((name) => person('officer', name)) as [
  Peer,
  Peer,
  Peer,
];
const hourMs = 3_600_000;

const order: ApprovalOrder = {
  kind: 'break-glass',
  subject: '430121 site.db',
  detail: { minutes: 30 },
  reason: 'find out why a row is missing',
  by: operator,
  required: 2,
  lifeMs: hourMs,
};

/** A site's database with its audit log; `broken` fails the first durable step of the audit's next act. */
function setting() {
  const folder = new TemporaryFolder();
  folders.push(folder);
  const path = folder.file('site.db');
  const database = Database.open({ path, key: databaseKey, mode: 'create', durability: 'full' });
  databases.push(database);
  migrate(database, [LogStore.schema, Approvals.schema]);
  const clock = new ManualClock();
  const random = seededRandom(1);
  const auditOn = (file: Database) => {
    const name = { origin: site, dataset: 'audit' };
    const log = new ChangeLog(new LogStore(file), name, signerOf(name), clock);
    const intake = new Intake(file, datasetOf('audit'), log, clock, random);
    return new Audit({ intake, site, clock, random, grew: () => {} });
  };
  const audit = auditOn(database);
  const approvals = new Approvals(database, audit, clock, random);
  const broken = () => {
    const plan = new FaultPlan(0, 'before', () => fault('TB1105', { path }));
    return new Approvals(database, auditOn(failing(database, plan)), clock, random);
  };
  const steps = () =>
    database
      .prepare<Record<'act_step' | 'actor' | 'subject' | 'result', string>>('SELECT * FROM audit_act')
      .all();
  return { approvals, broken, clock, steps };
}

function codeOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
}

describe('who decides', () => {
  test('a request needs as many officers as it says, each with one voice', async () => {
    const { approvals } = setting();
    const { id } = approvals.request(order);
    expect(codeOf(() => approvals.requireApproved(id))).toBe('TB1904');
    expect(await approvals.approve(id, zhao)).toMatchObject({
      state: 'open',
      approvedBy: ['officer/zhao@430121'],
    });
    await expect(approvals.approve(id, zhao)).rejects.toMatchObject({ code: 'TB1903' });
    expect(codeOf(() => approvals.requireApproved(id))).toBe('TB1904');
    expect(await approvals.approve(id, qian)).toMatchObject({ state: 'approved' });
    expect(approvals.requireApproved(id).detail).toEqual({ minutes: 30 });
  });

  test('who asked can not approve, in whatever role that person comes', async () => {
    const { approvals } = setting();
    const asked = approvals.request({ ...order, by: zhao });
    await expect(approvals.approve(asked.id, zhao)).rejects.toMatchObject({ code: 'TB1902' });
    const asOperator = approvals.request({ ...order, by: person('operator', 'zhao') });
    await expect(approvals.approve(asOperator.id, zhao)).rejects.toMatchObject({ code: 'TB1902' });
    expect(codeOf(() => approvals.reject(asked.id, zhao, 'changed my mind'))).toBe('TB1902');
    expect(approvals.get(asked.id)).toMatchObject({ state: 'open', approvedBy: [] });
  });

  test('one no ends it, with a reason, and nobody can turn it into a yes', async () => {
    const { approvals } = setting();
    const { id } = approvals.request(order);
    await approvals.approve(id, zhao);
    expect(codeOf(() => approvals.reject(id, qian, 'no'))).toBe('TB1905');
    expect(approvals.reject(id, qian, 'nobody called me')).toMatchObject({
      state: 'rejected',
      rejectedBy: 'officer/qian@430121',
    });
    await expect(approvals.approve(id, sun)).rejects.toMatchObject({ code: 'TB1901' });
    expect(codeOf(() => approvals.requireApproved(id))).toBe('TB1901');
  });

  test('after its time a request counts for nothing, approved or not', async () => {
    const { approvals, clock } = setting();
    const open = approvals.request(order);
    const approved = approvals.request({ ...order, required: 1 });
    await approvals.approve(approved.id, zhao);
    await clock.pass(hourMs);
    expect(approvals.list().map(({ state }) => state)).toEqual(['expired', 'expired']);
    await expect(approvals.approve(open.id, zhao)).rejects.toMatchObject({ code: 'TB1901' });
    expect(codeOf(() => approvals.requireApproved(approved.id))).toBe('TB1901');
  });

  test('an unknown request, a reason of one word and a hundred open requests are named', async () => {
    const { approvals } = setting();
    await expect(approvals.approve('00', zhao)).rejects.toMatchObject({ code: 'TB1900' });
    expect(codeOf(() => approvals.request({ ...order, reason: ' no ' }))).toBe('TB1905');
    for (let i = 0; i < 100; i += 1) approvals.request(order);
    expect(codeOf(() => approvals.request(order))).toBe('TB1906');
  });
});

describe('the act', () => {
  test('is done once, by the last voice that is needed', async () => {
    const { approvals } = setting();
    const done: string[] = [];
    approvals.on('break-glass', async ({ id, state }) => void done.push(`${id} ${state}`));
    const { id } = approvals.request(order);
    await approvals.approve(id, zhao);
    expect(done).toEqual([]);
    expect(await approvals.approve(id, qian)).toMatchObject({ state: 'done' });
    await expect(approvals.approve(id, sun)).rejects.toMatchObject({ code: 'TB1901' });
    expect(codeOf(() => approvals.finish(id))).toBe('TB1901');
    expect(done).toEqual([`${id} approved`]);
  });

  test('that fails leaves the request approved, and an officer lets it be tried again', async () => {
    const { approvals, steps } = setting();
    let broken = true;
    approvals.on('break-glass', async () => {
      if (broken) throw fault('TB1105', { path: 'copy' });
    });
    const { id } = approvals.request({ ...order, required: 1 });
    await expect(approvals.approve(id, zhao)).rejects.toMatchObject({ code: 'TB1105' });
    expect(approvals.get(id)).toMatchObject({ state: 'approved', approvedBy: ['officer/zhao@430121'] });
    broken = false;
    expect(await approvals.approve(id, zhao)).toMatchObject({ state: 'done' });
    expect(steps().map(({ act_step: step, result }) => `${step} ${result}`)).toEqual(
      expect.arrayContaining(['requested ok', 'approved ok', 'act-failed TB1105', 'tried-again ok']),
    );
  });

  test('is never begun a second time while it runs', async () => {
    const { approvals } = setting();
    const { promise, resolve } = Promise.withResolvers<void>();
    let begun = 0;
    approvals.on('break-glass', () => {
      begun += 1;
      return promise;
    });
    const { id } = approvals.request({ ...order, required: 1 });
    const first = approvals.approve(id, zhao);
    await expect(approvals.approve(id, qian)).rejects.toMatchObject({ code: 'TB1907' });
    resolve();
    expect(await first).toMatchObject({ state: 'done' });
    expect(begun).toBe(1);
  });

  test('that took longer than the request lived is done all the same', async () => {
    const { approvals, clock } = setting();
    approvals.on('break-glass', () => clock.pass(2 * hourMs));
    const { id } = approvals.request({ ...order, required: 1 });
    expect(await approvals.approve(id, zhao)).toMatchObject({ state: 'done' });
  });
});

describe('the audit', () => {
  test('has who asked and who decided, before anything else knows', async () => {
    const { approvals, steps } = setting();
    const { id } = approvals.request(order);
    await approvals.approve(id, zhao);
    approvals.reject(id, qian, 'nobody called me');
    const found = steps().map(({ act_step: step, actor, subject }) => `${step} ${actor} ${subject}`);
    expect(found.sort()).toEqual([
      `approved officer/zhao@430121 break-glass ${id} 430121 site.db`,
      `rejected officer/qian@430121 break-glass ${id} 430121 site.db`,
      `requested operator/li@430121 break-glass ${id} 430121 site.db`,
    ]);
  });

  test('that can not be written leaves no request, no voice and no act', async () => {
    const { approvals, broken } = setting();
    let acts = 0;
    const { id } = approvals.request({ ...order, required: 1 });
    expect(codeOf(() => broken().request(order))).toBe('TB1219');
    const unheard = broken();
    unheard.on('break-glass', async () => {
      acts += 1;
    });
    await expect(unheard.approve(id, zhao)).rejects.toMatchObject({ code: 'TB1219' });
    expect(codeOf(() => broken().reject(id, qian, 'nobody called me'))).toBe('TB1219');
    expect(approvals.list()).toMatchObject([{ id, state: 'open', approvedBy: [], rejectedBy: undefined }]);
    expect(acts).toBe(0);
  });
});
