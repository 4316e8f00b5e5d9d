import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../../core/base/errors.ts';
import { AuditSetting, person } from '../../../support/audit-setting.ts';

let setting: AuditSetting;
beforeEach(() => {
  setting = new AuditSetting();
});
afterEach(() => setting.close());

const officer = person('officer', 'zhao');
const today = { today: 20_000, migrated: false, testIds: true };
const context = {
  ...today,
  defaults: { src_sys: 'U', crter_id: 'x', opter_id: 'x', optins_no: '430121' },
};
const siteRow = {
  site_code: '430122',
  site_name: '望城区',
  tier: 'county',
  trust_domain: 'hunan.example',
  log_key: 'ab'.repeat(32),
  mirror_key: 'cd'.repeat(32),
  stas: '1',
};

function codeOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error instanceof Fault ? error.code : error;
  }
  return 'done';
}

describe('what is written', () => {
  test('names time, person, certificate, address, act, subject and result', () => {
    const from = '10.0.0.7';
    setting.audit.write({ kind: 'export', step: 'prove', by: officer, from, subject: '430121/claims' });
    expect(setting.all()).toEqual([
      expect.objectContaining({
        index: 0,
        time: new Date(setting.clock.nowMs()).toISOString(),
        kind: 'export',
        step: 'prove',
        actor: 'officer/zhao@430121',
        fingerprint: 'ab'.repeat(32),
        from,
        subject: '430121/claims',
        result: 'ok',
      }),
    ]);
  });

  test('hides identity data in what a person typed, and the acts beside it are whole', () => {
    const acts = ['routine check', 'for 990101199001011231 only', 'call 13812345678'].map(
      (reason) => ({ kind: 'call', step: 'x', by: officer, reason }) as const,
    );
    setting.audit.write(...acts);
    const reasons = setting.all().map(({ reason }) => reason);
    expect(reasons[0]).toBe('routine check');
    expect(reasons.join(' ')).not.toMatch(/990101199001011231|13812345678/);
    expect(reasons).toHaveLength(3);
  });

  test('more acts than one call of the intake takes are stored whole, in order', () => {
    const acts = Array.from({ length: 2_500 }, (_, i) => ({
      ...({ kind: 'journal', step: 'x', by: 'site' } as const),
      subject: `n${i}`,
    }));
    setting.audit.write(...acts);
    expect(setting.all().map(({ subject }) => subject)).toEqual(acts.map(({ subject }) => subject));
  });
});

describe('a full disk', () => {
  test('refuses the act by name and stores nothing of it', () => {
    setting.audit.write({ kind: 'call', step: 'before', by: officer });
    setting.fill();
    expect(codeOf(() => setting.audit.write({ kind: 'call', step: 'x', by: officer }))).toBe('TB1219');
    expect(setting.steps()).toEqual(['call/before ok']);
  });

  test('what is done together with its act is not done without it', () => {
    const registry = setting.intake('registry');
    const put = (row: object) => () => {
      const rows = [{ row: 1, raw: { ...siteRow, ...row } }];
      const done = registry.put(rows, { entity: 'site', context, dryRun: false });
      expect(done.accepted).toBe(1);
      return { done, act: { kind: 'publish', step: 'x', by: officer } as const };
    };
    setting.audit.with(put({}));
    expect(registry.tables.count()).toBe(1);
    expect(codeOf(() => setting.broken().with(put({ site_code: '430123' })))).toBe('TB1219');
    expect(registry.tables.count()).toBe(1);
    expect(setting.steps()).toEqual(['publish/x ok']);
    expect(registry.entries(0, 10)).toHaveLength(1);
  });

  test('a request, an approval and a rejection are refused, and nothing of them is stored', async () => {
    const order = {
      kind: 'contract',
      subject: '430000/stats',
      detail: {},
      reason: 'yearly statistics',
      by: person('operator', 'li'),
      required: 1,
      lifeMs: 3_600_000,
    } as const;
    const open = setting.approvals.request(order);
    let done = 0;
    setting.approvals.on('contract', async () => {
      done += 1;
    });
    setting.fill();
    expect(codeOf(() => setting.approvals.request(order))).toBe('TB1219');
    await expect(setting.approvals.approve(open.id, officer)).rejects.toMatchObject({ code: 'TB1219' });
    expect(codeOf(() => setting.approvals.reject(open.id, officer, 'no reason at all'))).toBe('TB1219');
    expect(setting.approvals.list().map(({ state }) => state)).toEqual(['open']);
    expect(done).toBe(0);
  });
});
