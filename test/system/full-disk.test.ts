import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fault, fault } from '../../core/base/errors.ts';
import type { Intake } from '../../core/intake/intake.ts';
import type { Peer } from '../../core/link/channel.ts';
import type { Seal } from '../../core/seal/seal.ts';
import { approvalsService } from '../../core/site/approvals/approvals-service.ts';
import { auditedServices } from '../../core/site/audit/audited-services.ts';
import { writeOpening } from '../../core/site/audit/opening-acts.ts';
import { intakeService } from '../../core/site/intake-service.ts';
import type { LogView, OpenSite } from '../../core/site/open-site.ts';
import { sealService } from '../../core/site/seal/seal-service.ts';
import { siteService } from '../../core/site/site-service.ts';
import type { Services } from '../../core/wire/site-listener.ts';
import { orderOf } from '../core/seal/ceremony-setting.ts';
import { FailingFiles } from '../core/seal/failing-files.ts';
import { copyOf, sealedSite } from '../core/seal/setting.ts';
import { AuditSetting, person } from '../support/audit-setting.ts';
import { countyRows } from '../support/rows.ts';

const made = await sealedSite();
const [chen, li] = ['chen', 'li'].map((name) => person('officer', name)) as [Peer, Peer];
const operator = person('operator', 'demo');

/** What reached the logs and tables of the site behind the services. */
let exported: string[];
let setting: AuditSetting;
let files: FailingFiles;
let seal: Seal;
let closings: number;
let services: Services;
let enrollment: Intake;

beforeEach(() => {
  setting = new AuditSetting();
  files = new FailingFiles();
  seal = copyOf(made).reopen({ files: files.port });
  for (const [i, officer] of [chen, li].entries()) seal.enterShare(officer.name, made.texts[i] ?? '');
  exported = [];
  closings = 0;
  enrollment = setting.intake('enrollment');
  const site = openSite();
  const open = () => site;
  const { clock } = setting;
  const identity = { site: setting.site, version: '1', testIds: true };
  const closed = async () => {
    closings += 1;
  };
  const inner: Services = [
    ['seal', 'Seal', sealService({ seal, clock, open, opened: async () => {}, closed })],
    ['site', 'Site', siteService(open, identity, clock)],
    ['approvals', 'Approvals', approvalsService(open)],
    ['node', 'Intake', intakeService(open, identity, clock)],
  ];
  services = auditedServices(inner, () => setting.audit);
});
afterEach(() => {
  seal.close();
  setting.close();
});

function openSite(): OpenSite {
  const log = { origin: setting.site, dataset: 'enrollment' };
  const view = { log, own: true, size: 1, signed: 1, root: Buffer.alloc(32), receipts: [] };
  const site: Partial<OpenSite> = {
    audit: setting.audit,
    approvals: setting.approvals,
    acts: () => setting.acts,
    intake: () => enrollment,
    logs: async () => [{ ...view, recorded: 1, quarantined: 0 } satisfies LogView],
    links: () => [],
    troubles: () => [],
    grew: () => {},
    verify: async () => {
      exported.push('verify');
      throw fault('TB1447', { log: '?' });
    },
    prove: async () => {
      exported.push('prove');
      throw fault('TB1447', { log: '?' });
    },
    export: async () => void exported.push('export'),
  };
  return site as OpenSite;
}

/** Calls a method as the listener does; the code it ends with, or `answered`. */
async function call(service: string, method: string, request: object, peer: Peer): Promise<string> {
  const handler = services.find(([, name]) => name === service)?.[2][method];
  if (!handler || handler.kind === 'frames') throw new RangeError(`no call ${method}`);
  try {
    if (handler.kind === 'unary') await handler.handle(request as never, peer);
    else if (handler.kind === 'stream') {
      const { signal } = new AbortController();
      for await (const _answer of handler.handle(request as never, peer, signal));
    } else {
      const portions = handler.open(peer);
      await portions.answer(request as never);
      portions.ended?.(undefined);
    }
    return 'answered';
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

const rows = (() => {
  const { enrollment: fresh = [] } = countyRows('430121', 3);
  const lines = Buffer.from(fresh.map((row) => JSON.stringify(row)).join('\n'));
  return { dataset: 'enrollment', entity: '', rows: lines, firstRow: 1, migrated: false, dryRun: false };
})();

/** Everything that somebody does, and what it is called with. */
async function everything(id: string): Promise<string[]> {
  const reason = 'a reason that is long enough';
  const share = {
    share: made.texts[0],
    ceremonyId: '',
    site: '',
    epoch: 0,
    manifestHash: '',
    journalHead: '',
  };
  const order = { kind: 'change-holders', reason, ...orderOf() };
  const log = '430121/enrollment';
  const acts: readonly (readonly [service: string, method: string, request: object, peer: Peer])[] = [
    ['Seal', 'openCeremony', order, chen],
    ['Seal', 'openCeremony', { kind: 'rotate-root', reason, threshold: 0, holders: [] }, chen],
    ['Seal', 'enterCeremonyShare', share, chen],
    ['Seal', 'fetchShare', {}, chen],
    ['Seal', 'proveShare', share, chen],
    ['Seal', 'cancelCeremony', { ceremonyId: '', reason }, chen],
    ['Seal', 'recordDrill', { manifestHash: seal.status().manifestHash, result: 'ok' }, chen],
    ['Seal', 'sealSite', { reason }, operator],
    ['Approvals', 'approve', { id }, chen],
    ['Approvals', 'reject', { id, reason }, li],
    ['Site', 'verify', { log }, operator],
    ['Site', 'prove', { log, entry: 'index', index: 0, key: '' }, operator],
    ['Site', 'exportLog', { log }, operator],
    ['Intake', 'put', { messageId: 'x', rows }, operator],
    ['Intake', 'load', { rows }, operator],
  ];
  const ended: string[] = [];
  for (const [service, method, what, peer] of acts) {
    ended.push(`${service}/${method} ${await call(service, method, what, peer)}`);
  }
  return ended;
}

function asked(): string {
  const { id } = setting.approvals.request({
    kind: 'contract',
    subject: '430000/stats',
    detail: {},
    reason: 'yearly statistics',
    by: operator,
    required: 1,
    lifeMs: 3_600_000,
  });
  return id;
}

test('with a full disk no ceremony step, export or approval succeeds', async () => {
  const id = asked();
  const [status, journal] = [seal.status(), seal.journalRecords().length];
  const acts = setting.steps();
  setting.fill();
  const ended = await everything(id);
  // A row that does not fit is refused before its act is.
  expect(ended.filter((line) => !line.endsWith('TB1219'))).toEqual(['Intake/put TB1105']);
  expect(seal.status()).toEqual(status);
  expect(seal.journalRecords()).toHaveLength(journal);
  expect(setting.steps()).toEqual(acts);
  expect(setting.approvals.get(id).state).toBe('open');
  expect(enrollment.tables.count()).toBe(0);
  expect([exported, closings]).toEqual([[], 0]);
});

test('where there is room, none of the same calls is refused for the want of it', async () => {
  const ended = await everything(asked());
  expect(ended.filter((line) => /TB1219|TB1105/.test(line))).toEqual([]);
  const done = ended.filter((line) => line.endsWith('answered'));
  expect(done.map((line) => line.replace(' answered', ''))).toEqual(
    expect.arrayContaining(['Seal/openCeremony', 'Approvals/approve', 'Site/exportLog', 'Intake/load']),
  );
  expect(exported).toEqual(['verify', 'prove', 'export']);
  expect([enrollment.tables.count() > 0, closings]).toEqual([true, 1]);
});

test('when neither audit nor journal can be written, an emergency still seals the site', async () => {
  setting.fill();
  files.failAt(1, false);
  expect(await call('Seal', 'emergencySeal', { reason: 'somebody is in the room' }, chen)).toBe('answered');
  expect(seal.status().state).toBe('sealed');
  expect(closings).toBe(1);
});

test('a sealed site is not opened: neither the share is counted nor the opening written', async () => {
  seal.seal('chen');
  const journal = seal.journalRecords().length;
  setting.fill();
  files.failAt(1, false);
  const share = {
    share: made.texts[0],
    ceremonyId: '',
    site: '',
    epoch: 0,
    manifestHash: '',
    journalHead: '',
  };
  expect(await call('Seal', 'enterShare', share, chen)).toBe('TB1219');
  expect(seal.status().received).toEqual([]);
  expect(seal.journalRecords()).toHaveLength(journal);
  const opening = () =>
    writeOpening(openSite(), { site: '430121', version: '1', journal: seal.journalRecords(), startedMs: 1 });
  expect(opening).toThrow(expect.objectContaining({ code: 'TB1219' }));
});
