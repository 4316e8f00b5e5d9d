import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../core/base/errors.ts';
import type { SendingLog } from '../../core/link/ports.ts';
import type { LogName } from '../../core/log/batch.ts';
import { Contract } from '../../hub/contract.ts';
import { Subscriptions } from '../../hub/subscriptions.ts';
import { recordUplinkContract } from '../../hub/uplink-contract.ts';
import { AuditSetting, person } from '../support/audit-setting.ts';

const hub = '430000';
const operator = person('operator', 'demo', hub);
const officer = person('officer', 'zhao', hub);
const stats = person('subscriber', 'stats', hub);
const enrollment: LogName = { origin: '430121', dataset: 'enrollment' };
const order = { subscriber: `${hub}/stats`, logs: ['enrollment'], reason: 'yearly statistics' };
const bounds = { entriesMax: 10, bytesMax: 1_000 };

let setting: AuditSetting;
let subscriptions: Subscriptions;
/** Live pulls that were asked about at the last cut, and which of them it ended. */
let cut: string[];
let grown: number;

beforeEach(() => {
  setting = new AuditSetting(hub);
  cut = [];
  grown = 0;
  const registry = setting.intake('registry');
  const reading: Pick<SendingLog, 'head' | 'compare' | 'read'> = {
    head: async () => ({ size: 0, checkpoint: new Uint8Array(), newestMs: 0 }),
    compare: async () => 'same',
    read: async () => undefined,
  };
  subscriptions = new Subscriptions({
    data: { intake: () => registry, tables: () => registry.tables },
    audit: setting.audit,
    approvals: setting.approvals,
    clock: setting.clock,
    site: hub,
    knows: (origin) => origin.startsWith('4301') || origin === hub,
    reading: () => reading,
    grew: () => {
      grown += 1;
    },
    cut: (isMeant) => {
      const live = [stats, person('subscriber', 'other', hub), person('node', '', '430121')];
      cut = live.filter((peer) => isMeant(peer, enrollment)).map(({ role, name }) => `${role}/${name}`);
    },
  });
});
afterEach(() => setting.close());

async function inForce(logs = order.logs): Promise<void> {
  const { id } = subscriptions.ask({ ...order, logs }, operator);
  await setting.approvals.approve(id, officer);
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'done';
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

describe('a contract', () => {
  test('is in force once another officer has approved it, as an entry with its officers', async () => {
    const { id } = subscriptions.ask(order, operator);
    expect(subscriptions.list()).toEqual([]);
    expect(subscriptions.sending(stats, enrollment)).toBeUndefined();
    await setting.approvals.approve(id, officer);
    expect(subscriptions.list()).toEqual([
      { subscriber: `${hub}/stats`, logs: ['enrollment'], approvedBy: ['zhao'], inForce: true },
    ]);
    expect(grown).toBe(1);
    expect(subscriptions.sending(stats, enrollment)).toBeDefined();
  });

  test('opens its logs to its subscriber alone, and of known sites alone', async () => {
    await inForce(['enrollment', '430105/claims']);
    const opens = (log: LogName, peer = stats) => subscriptions.sending(peer, log) !== undefined;
    expect(opens(enrollment)).toBe(true);
    expect(opens({ origin: '430105', dataset: 'claims' })).toBe(true);
    expect(opens({ origin: '430121', dataset: 'claims' })).toBe(false);
    expect(opens({ origin: '430121', dataset: 'audit' })).toBe(false);
    expect(opens({ origin: '999999', dataset: 'enrollment' })).toBe(false);
    expect(opens(enrollment, person('subscriber', '', hub))).toBe(false);
    expect(opens(enrollment, person('subscriber', 'stats', '430121'))).toBe(false);
  });

  test('that ends or names less cuts what is no longer in it, at the next batch at the latest', async () => {
    await inForce();
    const sending = subscriptions.sending(stats, enrollment);
    await expect(sending?.read(0, bounds)).resolves.toBeUndefined();
    await inForce(['claims']);
    expect(cut).toEqual(['subscriber/stats', 'subscriber/other']);
    await expect(sending?.read(0, bounds)).rejects.toMatchObject({ code: 'TB1953' });
    await inForce();
    expect(cut).toEqual(['subscriber/other']);
    subscriptions.end({ subscriber: order.subscriber, reason: 'the study is over' }, operator);
    expect(cut).toEqual(['subscriber/stats', 'subscriber/other']);
    await expect(sending?.read(0, bounds)).rejects.toMatchObject({ code: 'TB1953' });
    expect(subscriptions.list()).toMatchObject([{ inForce: false }]);
  });

  test('does not come into force, does not end and opens nothing on a full disk', async () => {
    const { id } = subscriptions.ask(order, operator);
    const ended = { subscriber: order.subscriber, reason: 'the study is over' };
    await inForce();
    const acts = setting.steps();
    setting.fill();
    expect(codeOf(() => subscriptions.ask(order, operator))).toBe('TB1219');
    await expect(setting.approvals.approve(id, officer)).rejects.toMatchObject({ code: 'TB1219' });
    expect(codeOf(() => subscriptions.sending(stats, enrollment))).toBe('TB1219');
    expect(codeOf(() => subscriptions.end(ended, operator))).toMatch(/^TB1219|TB1105$/);
    expect(subscriptions.list()).toMatchObject([{ inForce: true }]);
    expect(setting.steps()).toEqual(acts);
  });

  test.each([
    ['no site', { subscriber: 'stats' }],
    ['a longer path', { subscriber: '430000/stats/x' }],
    ['no log', { logs: [] }],
    ['no log by any name', { logs: ['', ' '] }],
    ['audit logs', { logs: ['claims', 'audit'] }],
    ['one audit log', { logs: ['430121/audit'] }],
    ['what is no log', { logs: ['CLAIMS; --'] }],
    ['too many', { logs: Array.from({ length: 51 }, (_, i) => `d${i}`) }],
  ])('with %s is refused', (_what, part) => {
    expect(codeOf(() => subscriptions.ask({ ...order, ...part }, operator))).toBe('TB1952');
  });
});

describe('the contract file for the hub above', () => {
  const record = (...lines: string[]) =>
    recordUplinkContract(Contract.of(lines), '100000', setting.audit, setting.acts);
  const details = () => setting.all().map(({ detail }) => detail);

  test('is written down when its content is another than at the last opening, and not otherwise', () => {
    record('claims', 'enrollment');
    record('enrollment', 'claims');
    expect(details()).toEqual(['claims, enrollment']);
    record('claims', 'enrollment', '430121/persons');
    record('claims', 'enrollment');
    recordUplinkContract(Contract.none(), '100000', setting.audit, setting.acts);
    expect(details().slice(1)).toEqual([
      '430121/persons, claims, enrollment',
      'claims, enrollment',
      'nothing',
    ]);
  });

  test('that cannot be written down keeps the hub from opening', () => {
    setting.fill();
    expect(codeOf(() => record('claims'))).toBe('TB1219');
  });
});
