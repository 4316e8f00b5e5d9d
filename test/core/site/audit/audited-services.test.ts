import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fault } from '../../../../core/base/errors.ts';
import { auditedServices } from '../../../../core/site/audit/audited-services.ts';
import type { Handler } from '../../../../core/wire/handlers.ts';
import { AuditSetting, person } from '../../../support/audit-setting.ts';

let setting: AuditSetting;
beforeEach(() => {
  setting = new AuditSetting();
});
afterEach(() => setting.close());

const officer = person('officer', 'zhao');

/** The handlers of the service Site, as the listener would get them; `ran` counts what reached them. */
function site(error?: Error) {
  const ran: string[] = [];
  const unary = (name: string): Handler => ({
    kind: 'unary',
    handle: async () => {
      ran.push(name);
      if (error) throw error;
      return {};
    },
  });
  const stream = (name: string): Handler => ({
    kind: 'stream',
    async *handle() {
      ran.push(name);
      yield {};
      if (error) throw error;
    },
  });
  const handlers = {
    getStatus: unary('getStatus'),
    prove: unary('prove'),
    exportLog: stream('exportLog'),
    verify: stream('verify'),
  };
  const [service] = auditedServices([['site', 'Site', handlers]], () => setting.audit);
  const call = async (name: keyof typeof handlers, request: object): Promise<number> => {
    const handler = service?.[2][name];
    if (handler?.kind === 'unary') {
      await handler.handle(request as never, officer);
      return 1;
    }
    if (handler?.kind !== 'stream') throw new RangeError('a handler of another kind');
    let answers = 0;
    const { signal } = new AbortController();
    for await (const _answer of handler.handle(request as never, officer, signal)) answers += 1;
    return answers;
  };
  return { ran, call };
}

describe('an export', () => {
  test('is written before its handler runs, with log, person and address', async () => {
    const { ran, call } = site();
    await call('exportLog', { log: '430121/claims' });
    await call('prove', { log: '430121/claims', entry: 'index', index: 7 });
    await call('verify', { log: '' });
    expect(ran).toEqual(['exportLog', 'prove', 'verify']);
    expect(setting.all()).toMatchObject([
      { kind: 'export', step: 'export-log', actor: 'officer/zhao@430121', subject: '430121/claims' },
      { kind: 'export', step: 'prove', from: '10.0.0.7', subject: '430121/claims entry 7' },
      { kind: 'export', step: 'verify', subject: 'all', result: 'ok' },
    ]);
  });

  test('by key names no key, and a log that could be none is not repeated', async () => {
    const { call } = site();
    await call('prove', { log: '430121/persons', entry: 'key', key: 'person/990101199001011237' });
    await call('exportLog', { log: '990101199001011237 Zhang' });
    expect(setting.all().map(({ subject }) => subject)).toEqual(['430121/persons by key', '?']);
  });

  test('that fails is written a second time, with its code', async () => {
    const { call } = site(fault('TB1447', { log: '?' }));
    await expect(call('exportLog', { log: '430121/none' })).rejects.toMatchObject({ code: 'TB1447' });
    await expect(call('prove', { log: '430121/none' })).rejects.toMatchObject({ code: 'TB1447' });
    expect(setting.steps()).toEqual([
      'export/export-log ok',
      'export/export-log TB1447',
      'export/prove ok',
      'export/prove TB1447',
    ]);
  });

  test('does not happen on a full disk; looking at the state still does', async () => {
    const { ran, call } = site();
    setting.fill();
    for (const name of ['exportLog', 'verify', 'prove'] as const)
      await expect(call(name, { log: '430121/claims' })).rejects.toMatchObject({ code: 'TB1219' });
    expect(ran).toEqual([]);
    await call('getStatus', {});
    expect(ran).toEqual(['getStatus']);
  });
});
