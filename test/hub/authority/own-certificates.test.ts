import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordOf } from '../../../certs/certificate-record.ts';
import { createRequest } from '../../../certs/certificate-request.ts';
import { generateKeyPair } from '../../../certs/key-pair.ts';
import { AuthorityWorld, type Held, site, trustDomain } from '../../support/authority-world.ts';
import { ManualClock } from '../../support/cli-world.ts';

const dayMs = 86_400_000;
let clock: ManualClock;
let world: AuthorityWorld;

beforeEach(async () => {
  clock = new ManualClock();
  world = await AuthorityWorld.create({ clock });
});
afterEach(() => world.close());

async function renewOwn({ peer }: Held) {
  const { chain } = await world.desk.renewOwn(await createRequest(generateKeyPair(), 'x'), peer);
  return recordOf(chain[0] ?? new Uint8Array(), trustDomain);
}

it('a hub that was off for too long renews its own gate and data certificate', async () => {
  const gate = await world.enrolled(site, 'gate', '', ['hub.hunan.example']);
  await clock.pass(400 * dayMs);
  const renewed = [await renewOwn(world.hub), await renewOwn(gate)];
  expect(renewed.map(({ role, hosts }) => [role, hosts])).toEqual([
    ['hub', ['hub.hunan.example']],
    ['gate', ['hub.hunan.example']],
  ]);
  for (const { notAfterMs } of renewed) expect(notAfterMs).toBeGreaterThan(clock.nowMs());
  expect(world.acts('certificate').filter((step) => step === 'renewed')).toHaveLength(2);
});

it('nobody else is renewed after the end: no other site, no person of the hub, no call over the network', async () => {
  world.admit('430121');
  const others = [
    await world.enrolled('430121', 'gate'),
    await world.enrolled('430121', 'node'),
    await world.enrolled(site, 'officer', 'zhao'),
    await world.enrolled(site, 'operator', 'wang'),
  ];
  await clock.pass(40 * dayMs);
  for (const held of others) await expect(renewOwn(held)).rejects.toMatchObject({ code: 'TB1303' });
  await expect(world.renew(world.hub)).rejects.toMatchObject({ code: 'TB1303' });
  expect(world.acts('certificate')).not.toContain('renewed');
});

it('a hub whose own certificate was revoked does not renew it', async () => {
  const gate = await world.enrolled(site, 'gate');
  await world.enrolled(site, 'gate');
  await world.revoke({ fingerprint: gate.peer.fingerprint });
  await clock.pass(40 * dayMs);
  await expect(renewOwn(gate)).rejects.toMatchObject({ code: 'TB1302' });
});

it('officers who opened it here get a certificate when theirs has ended, and nobody else does', async () => {
  await world.enrolled(site, 'officer', 'zhao');
  await clock.pass(10 * dayMs);
  await world.enrolled(site, 'officer', 'qian');
  const names = ['zhao', 'qian', 'stranger'];
  const issued = await world.desk.issueHere(names.map((name) => ({ name, expired: undefined })));
  expect(issued.map(({ name }) => name)).toEqual(['zhao']);
  const [{ chain, lists } = { chain: [], lists: [] }] = issued;
  const record = recordOf(chain[0] ?? new Uint8Array(), trustDomain);
  expect(record).toMatchObject({ site, role: 'officer', name: 'zhao' });
  expect(lists).toHaveLength(2);
  expect(world.parts.register.find(record.fingerprint)).toMatchObject({ name: 'zhao' });
  expect(world.rows('audit', 'act')).toContainEqual(
    expect.objectContaining({
      act_step: 'issued-here',
      actor: 'site',
      subject: `officer/zhao@${site} ${record.fingerprint}`,
    }),
  );
});

it('what lies at the machine decides over the register: an ended copy is replaced, a valid one stays', async () => {
  await world.enrolled(site, 'officer', 'zhao');
  const of = (expired: boolean) => world.desk.issueHere([{ name: 'zhao', expired }]);
  expect(await of(false)).toEqual([]);
  expect(await of(true)).toHaveLength(1);
});

it('an officer whose certificate was revoked gets none, and neither do those who came along', async () => {
  const zhao = await world.enrolled(site, 'officer', 'zhao');
  await world.enrolled(site, 'officer', 'qian');
  await world.revoke({ fingerprint: zhao.peer.fingerprint });
  await clock.pass(40 * dayMs);
  const both = ['qian', 'zhao'].map((name) => ({ name, expired: true }));
  await expect(world.desk.issueHere(both)).rejects.toMatchObject({ code: 'TB1208' });
  expect(world.acts('certificate')).not.toContain('issued-here');
});
