import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusViewOf } from '../../../../core/site/rights/city-view.ts';
import { checkMayRead } from '../../../../core/site/rights/may-read.ts';
import { AuditSetting, person } from '../../../support/audit-setting.ts';

let setting: AuditSetting;
beforeEach(() => {
  setting = new AuditSetting();
});
afterEach(() => setting.close());

const all = { from: 0, sinceMs: 0, kind: '', actor: '', limit: 1_000 };

describe('acts', () => {
  test('come in pages that continue where the one before ended, and again when there are more', () => {
    const write = (count: number) => {
      for (let i = 0; i < count; i += 1) setting.audit.write({ kind: 'call', step: 'x', by: 'site' });
    };
    write(25);
    const pages: number[][] = [];
    let from = 0;
    for (let more = true; more; ) {
      const page = setting.acts.page({ ...all, from, limit: 10 });
      pages.push(page.acts.map(({ index }) => index));
      ({ next: from, more } = page);
    }
    expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, i) => i));
    write(2);
    expect(setting.acts.page({ ...all, from }).acts.map(({ index }) => index)).toEqual([25, 26]);
  });

  test('are filtered by time, kind and person, and a page without any still moves on', async () => {
    setting.audit.write({ kind: 'call', step: 'old', by: person('officer', 'zhao') });
    await setting.clock.pass(60_000);
    const sinceMs = setting.clock.nowMs();
    setting.audit.write({ kind: 'export', step: 'b', by: person('officer', 'zhao') });
    setting.audit.write({ kind: 'call', step: 'c', by: person('officer', 'zhaoyun') });
    setting.audit.write({ kind: 'call', step: 'd', by: person('operator', 'zhao') });
    const steps = (filter: object) => setting.acts.page({ ...all, ...filter }).acts.map(({ step }) => step);
    expect(steps({ sinceMs })).toEqual(['b', 'c', 'd']);
    expect(steps({ kind: 'call' })).toEqual(['old', 'c', 'd']);
    expect(steps({ actor: 'officer/zhao' })).toEqual(['old', 'b']);
    expect(steps({ actor: 'officer/zhao@430121', sinceMs })).toEqual(['b']);
    expect(steps({ actor: "x' OR 1=1 --" })).toEqual([]);
    expect(setting.acts.page({ ...all, kind: 'drill' })).toEqual({ acts: [], next: 4, more: false });
  });
});

describe('who sees what', () => {
  test('a city sees the counties of its four digits, no other, no audit log and no line of the hub', () => {
    const city = statusViewOf({ role: 'city', site: '430100' });
    const sites = ['430121', '430105', '430100', '430221', '431121', '440121', '430000', '100000'];
    expect(sites.filter((code) => city.site(code))).toEqual(['430121', '430105', '430100']);
    expect(city.log({ origin: '430121', dataset: 'claims' })).toBe(true);
    expect(city.log({ origin: '430121', dataset: 'audit' })).toBe(false);
    expect(city.log({ origin: '430221', dataset: 'claims' })).toBe(false);
    expect(city.links).toBe(false);
    const operator = statusViewOf({ role: 'operator', site: '430000' });
    expect(sites.filter((code) => operator.site(code))).toEqual(sites);
    expect(operator.log({ origin: '430221', dataset: 'audit' })).toBe(true);
  });

  const datasets = ['persons', 'enrollment', 'claims', 'catalog', 'registry', 'audit'];
  test.each([
    ['auditor', ['catalog', 'registry', 'audit']],
    ['business', ['persons', 'enrollment', 'claims', 'catalog', 'registry']],
    ['city', ['persons', 'enrollment', 'claims', 'catalog', 'registry']],
    ['subscriber', ['persons', 'enrollment', 'claims', 'catalog', 'registry']],
    ['officer', datasets],
    ['operator', datasets],
  ])('%s may read entries of %s alone', (role, readable) => {
    const reads = (dataset: string) => {
      try {
        checkMayRead({ role }, { origin: '430121', dataset });
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'TB1951', parameters: { role, log: `430121/${dataset}` } });
        return false;
      }
    };
    expect(datasets.filter(reads)).toEqual(readable);
  });
});
