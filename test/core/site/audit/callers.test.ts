import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fault } from '../../../../core/base/errors.ts';
import { silentLogger } from '../../../../core/base/logger.ts';
import type { Audit } from '../../../../core/site/audit/audit.ts';
import { Callers } from '../../../../core/site/audit/callers.ts';
import { refusalLimits } from '../../../../core/site/audit/refusals.ts';
import { AuditSetting, person } from '../../../support/audit-setting.ts';

const site = '430121';
const status = '/tongbu.v1.Site/GetStatus';
const list = '/tongbu.v1.Intake/List';
const from = { address: '10.0.0.7', port: 40_001 };

let setting: AuditSetting;
let audit: Audit | undefined;
beforeEach(() => {
  setting = new AuditSetting(site);
  audit = setting.audit;
});
afterEach(() => setting.close());

function listening() {
  const callers = new Callers(site, setting.clock, silentLogger, () => audit);
  return { callers, ports: callers.ports(() => ({ refusal: 'revoked' })) };
}

describe('a login', () => {
  test('is written once for each connection and certificate, with address and fingerprint', () => {
    const { ports } = listening();
    const operator = person('operator', 'li');
    for (const method of [list, status, list])
      expect(ports.authorise(operator, method, from)).toBeUndefined();
    const second = { ...from, port: 40_002 };
    expect(ports.authorise(operator, list, second)).toBeUndefined();
    const renewed = { ...operator, fingerprint: 'cd'.repeat(32) };
    expect(ports.authorise(renewed, list, from)).toBeUndefined();
    expect(setting.all()).toMatchObject([
      { kind: 'login', actor: 'operator/li@430121', from: '10.0.0.7', fingerprint: 'ab'.repeat(32) },
      { kind: 'login', from: '10.0.0.7', fingerprint: 'ab'.repeat(32) },
      { kind: 'login', from: '10.0.0.7', fingerprint: 'cd'.repeat(32) },
    ]);
  });

  test('is written again on a connection that has the same port later', () => {
    const { ports } = listening();
    ports.authorise(person('operator', 'li'), list, from);
    ports.closed?.(from);
    ports.authorise(person('operator', 'li'), list, from);
    expect(setting.steps()).toEqual(['login/logged-in ok', 'login/logged-in ok']);
  });

  test('of a site that replicates is none, and of nobody who is refused', () => {
    const { ports } = listening();
    ports.authorise(person('node', ''), '/tongbu.v1.Replication/Push', from);
    ports.authorise(person('business', 'his'), status, from);
    expect(setting.steps()).toEqual([]);
  });

  test('that cannot be written lets nobody in, but to the state of site and seal', () => {
    const { ports } = listening();
    setting.fill();
    const operator = person('operator', 'li');
    expect(ports.authorise(operator, list, from)).toMatchObject({ code: 'TB1219' });
    expect(ports.authorise(operator, status, from)).toBeUndefined();
    const officer = person('officer', 'zhao');
    expect(ports.authorise(officer, '/tongbu.v1.Seal/EmergencySeal', from)).toBeUndefined();
    expect(ports.authorise(officer, '/tongbu.v1.Approvals/Approve', from)).toMatchObject({ code: 'TB1219' });
    expect(ports.authorise(operator, list, from)).toMatchObject({ code: 'TB1219' });
  });

  test('before the unsealing is written with the first call after it', () => {
    const { ports, callers } = listening();
    audit = undefined;
    const officer = person('officer', 'zhao');
    expect(ports.authorise(officer, '/tongbu.v1.Seal/GetSealStatus', from)).toBeUndefined();
    audit = setting.audit;
    ports.authorise(officer, status, from);
    callers.closing();
    ports.authorise(officer, status, from);
    expect(setting.steps()).toEqual(['login/logged-in ok', 'login/logged-in ok']);
  });
});

describe('refusals', () => {
  const refused = (port: ReturnType<typeof listening>['ports'], count = 1) => {
    for (let i = 0; i < count; i += 1)
      port.refused({ error: fault('TB1606', { role: 'business', method: list }), method: list, from });
  };

  test('say who, which certificate, from where, for what and why', () => {
    const { ports } = listening();
    const error = fault('TB1606', { role: 'business', method: status });
    ports.refused({ error, method: status, from, peer: person('business', 'his') });
    const fingerprint = 'ef'.repeat(32);
    ports.refused({ error: fault('TB1302', { fingerprint }), method: list, from, fingerprint });
    ports.handshakeRefused?.({ reason: 'CERT_HAS_EXPIRED', from, untold: 0 });
    expect(setting.all()).toMatchObject([
      { step: 'call-refused', actor: 'business/his@430121', subject: status, result: 'TB1606' },
      { step: 'call-refused', actor: 'site', result: 'TB1302', detail: `certificate ${fingerprint}` },
      { step: 'handshake-refused', from: '10.0.0.7', result: 'CERT_HAS_EXPIRED' },
    ]);
  });

  test('a flood of them writes a bounded number of acts and one sum for each period', async () => {
    const { ports, callers } = listening();
    refused(ports, 10_000);
    expect(setting.all()).toHaveLength(refusalLimits.acts);
    callers.look();
    expect(setting.all()).toHaveLength(refusalLimits.acts);
    await setting.clock.pass(refusalLimits.periodMs);
    callers.look();
    const sum = setting.all().at(-1);
    expect(sum).toMatchObject({ step: 'more-refused', subject: '9950 more', detail: 'TB1606 9950' });
    expect(setting.all()).toHaveLength(refusalLimits.acts + 1);
    refused(ports);
    expect(setting.all()).toHaveLength(refusalLimits.acts + 2);
  });

  test('while the site is sealed are counted, and the sum is written after the unsealing', async () => {
    const { ports, callers } = listening();
    audit = undefined;
    refused(ports, 3);
    ports.handshakeRefused?.({ reason: 'hung-up', from, untold: 4 });
    await setting.clock.pass(refusalLimits.periodMs);
    callers.look();
    audit = setting.audit;
    callers.look();
    expect(setting.all()).toMatchObject([{ subject: '8 more', detail: 'TB1606 3, untold 4, hung-up 1' }]);
  });

  test('stand, and are counted, when the disk is full', () => {
    const { ports, callers } = listening();
    setting.fill();
    expect(() => refused(ports, 5)).not.toThrow();
    callers.closing();
    expect(setting.steps()).toEqual([]);
    setting.database.limitBytes(1_000_000_000);
    callers.closing();
    expect(setting.all()).toMatchObject([{ step: 'more-refused', detail: 'TB1606 5' }]);
  });

  test('of the last period are summed up before the site is sealed', () => {
    const { ports, callers } = listening();
    refused(ports, refusalLimits.acts + 7);
    callers.closing();
    expect(setting.all().at(-1)).toMatchObject({ subject: '7 more', detail: 'TB1606 7' });
  });
});
