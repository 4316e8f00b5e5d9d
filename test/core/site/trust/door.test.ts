import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../core/base/clock.ts';
import { callUnary } from '../../../../core/wire/unary.ts';
import { DoorSetting } from '../../../support/door-setting.ts';
import { exchange, pull } from '../../../support/mutual-server.ts';
import { Pki, type TestIdentity } from '../../../support/pki.ts';

let pki: Pki;
let hub: TestIdentity;
let setting: DoorSetting;

beforeAll(async () => {
  pki = await Pki.create();
  hub = await pki.identity('430000', 'hub', ['localhost']);
});
afterEach(() => setting.close());

const node = (site = '430121') => pki.identity(site, 'node');

function open({ material }: TestIdentity) {
  const client = setting.client(pki, material);
  return { client, call: pull(client, 60_000) };
}

/** The door's material while its lists are over, as after a week off line. */
async function withoutValidLists(): Promise<void> {
  const nowMs = systemClock.nowMs();
  await pki.publish([], nowMs - 8 * 86_400_000, 7 * 86_400_000);
  hub = await pki.identity('430000', 'hub', ['localhost']);
  setting = await DoorSetting.start(pki, hub);
  await pki.publish([]);
}

describe('the door of a site', () => {
  it("ends a revoked site's live stream within a second and refuses its next call on the same connection", async () => {
    setting = await DoorSetting.start(pki, hub);
    const [bad, good] = [await node(), await node('430122')];
    const [doomed, kept] = [open(bad), open(good)];
    for (const { call } of [doomed, kept]) expect(await exchange(call)).toBe('answered');
    const { accepted } = setting.listener.counts();
    const beganMs = systemClock.monotonicMs();
    await setting.door.trust.learn({ revoked: [bad.fingerprint] });
    const refused = exchange(pull(doomed.client));
    expect(await doomed.call.ended).toMatchObject({
      code: 'TB1302',
      parameters: { fingerprint: bad.fingerprint },
    });
    expect(systemClock.monotonicMs() - beganMs).toBeLessThan(1_000);
    expect(await refused).toMatchObject({ code: 'TB1302' });
    expect(setting.listener.counts().accepted).toBe(accepted);
    // The connection goes too, and the other site notices nothing.
    await expect.poll(() => setting.listener.counts().open).toBe(1);
    expect(systemClock.monotonicMs() - beganMs).toBeLessThan(1_000);
    expect(await exchange(kept.call)).toBe('answered');
    expect(setting.handled).toEqual([bad.fingerprint, good.fingerprint]);
    for (const { client } of [doomed, kept]) client.close();
  });

  it('cuts whom only a list names, and lets nobody of it shake hands again', async () => {
    setting = await DoorSetting.start(pki, hub);
    const bad = await node();
    const doomed = open(bad);
    expect(await exchange(doomed.call)).toBe('answered');
    await pki.publish([{ serial: bad.serial, revokedMs: systemClock.nowMs() }]);
    await setting.door.trust.learn({ lists: pki.lists.map(({ der }) => der) });
    expect(await doomed.call.ended).toMatchObject({ code: 'TB1302' });
    doomed.client.close();
    const again = open(bad);
    expect(await exchange(again.call)).toMatchObject({ code: 'TB1340' });
    await expect.poll(() => setting.handshakes.map(({ reason }) => reason)).toContain('CERT_REVOKED');
    expect(setting.handled).toHaveLength(1);
    again.client.close();
    await pki.publish([]);
  });

  it('lets no call of a revoked peer succeed in 100 revocations under load, and touches no other stream', async () => {
    setting = await DoorSetting.start(pki, hub);
    const doomed = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const identity = await node(String(430_200 + i));
        return { ...open(identity), identity };
      }),
    );
    const kept = await Promise.all(Array.from({ length: 8 }, async (_, i) => open(await node(`43050${i}`))));
    for (const { call } of [...doomed, ...kept]) expect(await exchange(call)).toBe('answered');
    let isOver = false;
    const answers = kept.map(async ({ call }) => {
      const said = new Map<unknown, number>();
      while (!isOver) {
        const answer = await exchange(call);
        said.set(answer, (said.get(answer) ?? 0) + 1);
        if (answer !== 'answered') return said;
      }
      return said;
    });
    for (const { identity, client, call } of doomed) {
      await setting.door.trust.learn({ revoked: [identity.fingerprint] });
      // On the connection that is still there, or on a new one: no way in.
      expect(await exchange(pull(client))).toMatchObject({ code: expect.stringMatching(/TB1302|TB1340/) });
      expect(await call.ended).toMatchObject({ code: expect.stringMatching(/TB1302|TB1340/) });
    }
    isOver = true;
    for (const said of await Promise.all(answers)) {
      expect([...said.keys()]).toEqual(['answered']);
      expect(said.get('answered')).toBeGreaterThan(10);
    }
    expect(setting.handled).toHaveLength(108);
    expect(setting.listener.counts().liveCalls).toBe(8);
    await expect.poll(() => setting.listener.counts().open).toBe(8);
    for (const { client } of [...doomed, ...kept]) client.close();
  });

  it('without a valid list lets officers in to the seal, nobody to anything else, and tells why', async () => {
    await withoutValidLists();
    const officer = await pki.identity('430000', 'officer/zhao');
    const seal = setting.client(pki, officer.material, 'seal', 'Seal');
    const deadlineMs = systemClock.nowMs() + 10_000;
    expect(await callUnary(seal, 'getSealStatus', {}, { deadlineMs })).toBeDefined();
    const site = open(await node());
    expect(await exchange(site.call)).toMatchObject({ code: 'TB1391' });
    expect(setting.handled).toEqual([]);
    expect(setting.door.trust.troubles().map(({ code }) => code)).toContain('TB1396');
    // Newer lists open it for everybody, without a restart.
    await setting.door.trust.learn({ lists: pki.lists.map(({ der }) => der) });
    expect(await exchange(pull(site.client))).toBe('answered');
    for (const client of [seal, site.client]) client.close();
  });

  it('without a valid list still refuses whom the expired one names', async () => {
    const officer = await pki.identity('430000', 'officer/zhao');
    const nowMs = systemClock.nowMs();
    const revoked = [{ serial: officer.serial, revokedMs: nowMs - 9 * 86_400_000 }];
    await pki.publish(revoked, nowMs - 8 * 86_400_000, 7 * 86_400_000);
    setting = await DoorSetting.start(pki, await pki.identity('430000', 'hub', ['localhost']));
    await pki.publish([]);
    const fresh = { ...officer.material, lists: pki.lists };
    const seal = setting.client(pki, fresh, 'seal', 'Seal');
    const deadlineMs = systemClock.nowMs() + 10_000;
    await expect(callUnary(seal, 'getSealStatus', {}, { deadlineMs })).rejects.toMatchObject({
      code: 'TB1302',
    });
    seal.close();
  });
});
