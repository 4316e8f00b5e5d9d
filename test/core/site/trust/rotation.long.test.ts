import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../core/base/clock.ts';
import { type Logger, silentLogger } from '../../../../core/base/logger.ts';
import { systemRandom } from '../../../../core/base/random.ts';
import { CertificateAgent } from '../../../../core/site/trust/certificate-agent.ts';
import { LinkedSites } from '../../../support/linked-sites.ts';
import { until } from '../../../support/until.ts';

let sites: LinkedSites;
const warnings: string[] = [];
const logger: Logger = {
  ...silentLogger,
  warn: (message, fields) => warnings.push(`${message} ${JSON.stringify(fields)}`),
  error: (message, fields) => warnings.push(`${message} ${JSON.stringify(fields)}`),
};

afterEach(() => sites.close());

const allLive = () =>
  sites.county.links().every(({ state, heardAgoMs }) => state === 'live' && heardAgoMs !== undefined);

function agentOf(): CertificateAgent {
  return new CertificateAgent({
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    renewables: () => sites.county.renewables,
    record: () => {},
  });
}

/** Acts into the county's audit log, as fast as it goes, until it is told to stop. */
function load(): () => Promise<number> {
  let isOver = false;
  const running = (async () => {
    let written = 0;
    while (!isOver) {
      sites.county.audit.write({ kind: 'call', step: 'load', by: 'site', subject: `act ${written}` });
      written += 1;
      await systemClock.sleep(5);
    }
    return written;
  })();
  return () => {
    isOver = true;
    return running;
  };
}

describe('certificates under load', () => {
  it('100 certificate rotations on both ends: no batch is lost, repeated or refused, and no lane waits', async () => {
    sites = await LinkedSites.start(logger);
    await sites.open();
    await until('all lanes', allLive);
    warnings.length = 0;
    const [agent, stop] = [agentOf(), load()];
    const fingerprints = new Set<string>();
    let hub: Awaited<ReturnType<typeof sites.world.renew>> = await sites.world.renew(sites.hub);
    for (let rotation = 0; rotation < 50; rotation += 1) {
      const [renewable] = sites.county.renewables;
      if (!renewable) throw new Error('the county renews its certificate');
      await agent.renew(renewable);
      hub = await sites.world.renew(hub);
      sites.door.show({ chain: hub.answer.chain, privateKey: hub.keys.privateKey });
      fingerprints.add(Buffer.from(hub.certificate).toString('hex'));
      fingerprints.add(Buffer.from(renewable.own().chain[0] ?? '').toString('hex'));
    }
    expect(fingerprints.size).toBe(100);
    const written = await stop();
    expect(written).toBeGreaterThan(100);
    const stored = () =>
      sites.outcomes
        .filter(({ log }) => log.dataset === 'audit')
        .reduce((sum, { count, outcome }) => sum + (outcome.kind === 'accepted' ? count : 0), 0);
    await until('everything has arrived', () => stored() >= written);
    // Each entry once: a batch that was sent again would count twice.
    expect(stored()).toBe(written);
    expect(sites.outcomes.filter(({ outcome }) => outcome.kind !== 'accepted')).toEqual([]);
    expect(sites.outcomes.length).toBeGreaterThan(50);
    expect(warnings).toEqual([]);
    await until('all lanes on the newest certificate', allLive);
    // Old connections go as soon as their last stream has.
    await until('one connection', () => sites.connections() <= 2);
  }, 120_000);

  it('a county that begins anew after any of them has a pair of certificate and key that fits', async () => {
    sites = await LinkedSites.start();
    await sites.open();
    const agent = agentOf();
    for (let rotation = 0; rotation < 3; rotation += 1) {
      const [renewable] = sites.county.renewables;
      if (!renewable) throw new Error('the county renews its certificate');
      await agent.renew(renewable);
      const [leaf] = renewable.own().chain;
      await sites.closeCounty();
      const county = await sites.open();
      expect(county.own.chain[0]).toEqual(leaf);
      await until('all lanes', allLive);
    }
    // The key in use and the one before it: the ring does not grow.
    expect(
      sites.keys
        .ring()
        .list()
        .filter(({ purpose }) => purpose === 'tls'),
    ).toHaveLength(2);
  });
});
