import { describe, expect, test } from 'vitest';
import { findingsOf, summaryOf } from '../../../../core/site/commands/status-findings.ts';
import type {
  LinkMessage,
  LogMessage,
  StatusMessage,
} from '../../../../core/site/commands/status-message.ts';

function log(change: Partial<LogMessage> = {}): LogMessage {
  const figures = { size: 10, signed: 10, root: Buffer.alloc(32), lagEntries: 0, lagMs: 0 };
  const rest = { heardAgoMs: 1_000, state: 'current', recorded: 10, quarantined: 0, receipts: [] };
  return { log: '430121/claims', own: false, ...figures, ...rest, ...change };
}

function link(change: Partial<LinkMessage> = {}): LinkMessage {
  const figures = { state: 'live', position: 10, size: 10, problemCode: '', problemText: '' };
  return { log: '430121/claims', direction: 'push', peer: '430000', ...figures, ...change };
}

function site(logs: readonly LogMessage[], links: readonly LinkMessage[] = []): StatusMessage {
  return { site: '430000', tier: 'province', version: '0', timeMs: 0, logs, links, troubles: [] };
}

describe('the sentence of status', () => {
  test('with nothing wrong says so, and how much is on its way', () => {
    expect(findingsOf(site([log()], [link()]))).toEqual([]);
    expect(summaryOf(site([log()], [link({ position: 7 })])).en).toBe(
      'All is well at 430000: 1 log with 10 entries, 3 on their way.',
    );
  });

  test('names an origin whose file is damaged before anything else', () => {
    const troubles = [{ origin: '430122', code: 'TB1104', text: 'TB1104 The database is damaged.' }];
    const [finding] = findingsOf({ ...site([log({ state: 'silent' })]), troubles });
    expect(finding).toMatchObject({ code: 'trouble', hint: { zh: expect.stringMatching(/备份/) } });
    for (const text of [finding?.en, finding?.zh]) expect(text).toContain('430122');
  });

  test.each(['behind', 'silent', 'unheard'] as const)('names an origin that is %s', (state) => {
    const logs = [
      log(),
      log({ log: '430122/claims', state, lagEntries: 4, lagMs: 61_000, heardAgoMs: 61_000 }),
    ];
    const [finding, ...more] = findingsOf(site(logs));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code: state });
    for (const text of [finding?.en, finding?.zh]) expect(text).toContain('430122');
    for (const text of [finding?.hint.en, finding?.hint.zh]) expect(text?.length).toBeGreaterThan(10);
  });

  test('an origin with several logs is named once, by its worst', () => {
    const logs = [log({ state: 'behind' }), log({ log: '430121/persons', state: 'silent' })];
    expect(findingsOf(site(logs)).map(({ code }) => code)).toEqual(['silent']);
  });

  test('a link that is down is the cause, so the silence behind it is no news of its own', () => {
    const logs = [log({ log: '430000/catalog', state: 'silent' })];
    const problem = { state: 'waiting', problemCode: 'TB1342', problemText: 'TB1342 Nothing listens' };
    const findings = findingsOf(site(logs, [link(problem), link({ ...problem, log: '430121/persons' })]));
    expect(findings).toMatchObject([{ code: 'link', en: expect.stringContaining('TB1342') }]);
    expect(findings[0]?.hint.en).toContain('7443');
  });

  test('a hint never shows a place that nobody filled', () => {
    const problem = { state: 'waiting', problemCode: 'TB1445', problemText: 'TB1445 refused' };
    const [finding] = findingsOf(site([], [link(problem)]));
    expect(finding?.hint.en).not.toMatch(/\{\w+\}/);
  });

  test('entries that the tables could not take are told', () => {
    expect(findingsOf(site([log({ quarantined: 2 })]))).toMatchObject([{ code: 'quarantine' }]);
  });
});
