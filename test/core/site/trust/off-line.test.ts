import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issueRevocationList } from '../../../../certs/revocation-list.ts';
import { systemClock } from '../../../../core/base/clock.ts';
import { pem } from '../../../../core/base/pem.ts';
import { AuthorityAbove } from '../../../../core/site/trust/authority-above.ts';
import { hubSite, LinkedSites } from '../../../support/linked-sites.ts';
import { until } from '../../../support/until.ts';

const dayMs = 86_400_000;
const registry = { origin: hubSite, dataset: 'registry' } as const;
let sites: LinkedSites;

beforeEach(async () => {
  sites = await LinkedSites.start();
});
afterEach(() => sites.close());

const states = () => new Set(sites.county.links().map(({ state }) => state));
const heard = () => sites.county.links().filter(({ heardAgoMs }) => heardAgoMs !== undefined);
const allLive = () => [...states()].join() === 'live' && heard().length === sites.county.links().length;

/** As the county's folder looks after eight days without a line: the root's list is good, the other not. */
async function eightDaysOffLine(): Promise<void> {
  const { pki } = sites.world;
  const nowMs = systemClock.nowMs();
  const lists = [
    await issueRevocationList(pki.root, { number: 1, revoked: [], nowMs, lifeMs: 366 * dayMs }),
    await issueRevocationList(pki.issuing, {
      number: 1,
      revoked: [],
      nowMs: nowMs - 8 * dayMs,
      lifeMs: 7 * dayMs,
    }),
  ];
  const text = Buffer.concat(lists.map((der) => pem('X509 CRL', der)));
  writeFileSync(join(sites.paths.gate, 'crl.pem'), text);
}

describe('a county that was off line for longer than its lists live', () => {
  it('pulls the registry and nothing else, learns newer lists from it, then carries everything', async () => {
    await eightDaysOffLine();
    const left = await sites.world.enrolled('430121', 'operator', 'demo');
    const { fingerprint } = left.peer;
    await sites.world.revoke({ fingerprint, reason: 'left', note: 'has left the office' });
    await sites.open();
    expect(sites.trust.lapsed().map(({ code }) => code)).toEqual(['TB1396']);
    const before: string[][] = [];
    sites.trust.onChange(() => {
      if (sites.trust.lapsed().length > 0) before.push([...sites.conversations]);
    });
    await until('all lanes', allLive);
    expect(sites.trust.lapsed()).toEqual([]);
    // What it learned before the new list was there came by one Pull.
    expect(before.length).toBeGreaterThan(0);
    for (const conversations of before) expect(conversations).toEqual(['node pull']);
    expect(sites.conversations.length).toBeGreaterThanOrEqual(7);
    expect(sites.trust.examine(left.certificate)).toEqual({ refusal: 'revoked' });
  });

  it('waits with everything else for as long as the registry brings no newer list', async () => {
    await eightDaysOffLine();
    await sites.open();
    await until('the registry', () => heard().length > 0);
    const links = sites.county.links();
    expect(links.filter(({ state }) => state === 'live').map(({ log }) => log)).toEqual(['430000/registry']);
    for (const { log, problem } of links) if (log !== '430000/registry') expect(problem?.code).toBe('TB1396');
    expect(sites.conversations).toEqual(['node pull']);
    // The hub's next list ends it.
    const other = await sites.world.enrolled('430122', 'operator', 'demo');
    await sites.world.revoke({
      fingerprint: other.peer.fingerprint,
      reason: 'left',
      note: 'has left the office',
    });
    sites.grew(registry);
    await until('all lanes', allLive);
  });

  it('learns newer lists while it is sealed too, with the certificate of its gate', async () => {
    await eightDaysOffLine();
    const left = await sites.world.enrolled('430121', 'operator', 'demo');
    const { fingerprint } = left.peer;
    await sites.world.revoke({ fingerprint, reason: 'left', note: 'has left the office' });
    const trust = await sites.openTrust();
    expect(trust.lapsed()).toHaveLength(1);
    const news = await new AuthorityAbove(sites.uplink, trust, systemClock).news(sites.gateIdentity);
    await trust.learn({ revoked: news.revoked });
    await trust.learnLists(news.lists);
    expect(trust.lapsed()).toEqual([]);
    expect(trust.revoked.has(fingerprint)).toBe(true);
  });
});

describe('what the registry says', () => {
  it('is in force at a county within a second: whom the province revoked is refused there', async () => {
    await sites.open();
    await until('all lanes', allLive);
    const person = await sites.world.enrolled('430121', 'officer', 'zhao');
    expect(sites.trust.examine(person.certificate)).toMatchObject({ name: 'zhao' });
    const { fingerprint } = person.peer;
    await sites.world.revoke({ fingerprint, reason: 'key-compromise', note: 'the card was stolen' });
    const beganMs = systemClock.monotonicMs();
    sites.grew(registry);
    await until('the revocation', () => 'refusal' in sites.trust.examine(person.certificate), 5);
    expect(systemClock.monotonicMs() - beganMs).toBeLessThan(1_000);
    // The list follows, so that not even a handshake succeeds.
    const newest = () => sites.trust.lists.find(({ authority }) => authority.includes('issuing'));
    await until('the list', () => (newest()?.revoked.length ?? 0) > 0, 5);
    expect(states()).toEqual(new Set(['live']));
  });

  it('makes a county hang up on a revoked hub, and not call it again', async () => {
    await sites.open();
    await until('all lanes', allLive);
    expect(sites.connections()).toBeGreaterThan(0);
    const beganMs = systemClock.monotonicMs();
    await sites.trust.learn({ revoked: [sites.hub.peer.fingerprint] });
    await until('no connection', () => sites.connections() === 0, 5);
    expect(systemClock.monotonicMs() - beganMs).toBeLessThan(1_000);
    const conversations = sites.conversations.length;
    const problems = () => new Set(sites.county.links().map(({ problem }) => problem?.code));
    await until('every lane is refused', () => [...problems()].join() === 'TB1346', 20);
    // It dials now and then, in case the hub has another certificate; that ends in the handshake.
    expect(sites.conversations).toHaveLength(conversations);
    await until('none that stays', () => sites.connections() === 0, 5);
  });
});
