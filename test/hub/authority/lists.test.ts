import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRoot } from '../../../certs/authority.ts';
import { issueRevocationList, readRevocationList } from '../../../certs/revocation-list.ts';
import { AuthorityWorld } from '../../support/authority-world.ts';
import { ManualClock } from '../../support/cli-world.ts';
import { issuance } from '../../support/pki.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
let clock: ManualClock;
let world: AuthorityWorld;

beforeEach(async () => {
  clock = new ManualClock();
  world = await AuthorityWorld.create({ clock });
});
afterEach(() => world.close());

const authorityId = () => world.parts.issuers.current().authorityId;
const rootId = () => world.parts.issuers.current().rootId;
const issuingList = () => world.parts.lists.of(authorityId());
const rootList = (number: number, lifeMs = 366 * dayMs) =>
  issueRevocationList(world.pki.root, { number, revoked: [], nowMs: clock.nowMs(), lifeMs });

it('the table, the registry and audit begin with what hub init made', async () => {
  expect(world.rows('registry', 'authority')).toEqual([expect.objectContaining({ stas: '2' })]);
  expect(world.rows('registry', 'list').map((row) => row['authority_id'])).toEqual(
    [authorityId(), rootId()].sort(),
  );
  expect(world.desk.list({}).certificates).toEqual([
    expect.objectContaining({ role: 'hub', state: 'valid', fingerprint: world.hub.peer.fingerprint }),
  ]);
  expect(world.acts('certificate')).toEqual(['issued']);
});

it('a list is issued again after six hours, also when the clock was set back, and never before', async () => {
  await clock.pass(6 * hourMs);
  await world.desk.reissue();
  const second = issuingList()?.number ?? 0;
  await clock.pass(5 * hourMs);
  await world.desk.reissue();
  expect(issuingList()?.number).toBe(second);
  await clock.pass(1 * hourMs);
  await world.desk.reissue();
  expect(issuingList()?.number).toBe(second + 1);
  await clock.pass(-3 * dayMs);
  await world.desk.reissue();
  expect(issuingList()?.number).toBe(second + 2);
});

it('a list is valid for seven days and for a site whose clock is ten minutes behind', async () => {
  await clock.pass(7 * hourMs);
  await world.desk.reissue();
  const list = await readRevocationList(issuingList()?.der ?? new Uint8Array(), [
    world.pki.issuing.certificate,
  ]);
  expect(list.thisUpdateMs).toBeLessThanOrEqual(clock.nowMs() - 600_000);
  expect(list.nextUpdateMs).toBe(clock.nowMs() + 7 * dayMs);
});

it('at half of its life a list of any authority is an alarm, the root of the hub included', async () => {
  expect(world.desk.troubles()).toEqual([]);
  await clock.pass(184 * dayMs);
  const both = world.desk.troubles().map(({ code, parameters }) => [code, parameters['authority']]);
  expect(both).toHaveLength(2);
  expect(both.every(([code]) => code === 'TB1358')).toBe(true);
  await world.desk.reissue();
  expect(world.desk.troubles().map(({ parameters }) => String(parameters['authority']))).toEqual([
    expect.stringContaining('root'),
  ]);
  await world.desk.putRootList(await rootList(2), world.officer('zhao'));
  expect(world.desk.troubles()).toEqual([]);
});

it('half a year before an authority ends it is said', async () => {
  await clock.pass(1_096 * dayMs - 181 * dayMs);
  const found = world.desk.troubles().filter(({ code }) => code === 'TB1359');
  expect(found.map(({ parameters }) => String(parameters['authority']))).toEqual([
    expect.stringContaining('issuing'),
  ]);
});

it('a root list with a lower or the same number is refused, as is one of a stranger or an expired one', async () => {
  const officer = world.officer('zhao');
  await world.desk.putRootList(await rootList(5), officer);
  for (const number of [4, 5]) {
    await expect(world.desk.putRootList(await rootList(number), officer)).rejects.toMatchObject({
      code: 'TB1323',
      parameters: { found: number, known: 5 },
    });
  }
  await expect(world.desk.putRootList(await rootList(6, -1), officer)).rejects.toMatchObject({
    code: 'TB1321',
  });
  const stranger = await createRoot({ trustDomain: 'hunan.example', number: 1 }, { ...issuance, clock });
  const foreign = await issueRevocationList(stranger, {
    ...{ number: 9, revoked: [], nowMs: clock.nowMs(), lifeMs: dayMs },
  });
  await expect(world.desk.putRootList(foreign, officer)).rejects.toMatchObject({ code: 'TB1324' });
  expect(world.parts.lists.of(rootId())?.number).toBe(5);
  expect(world.acts('authority')).toEqual(['root-list']);
});

it('numbers go on after a reopening: none is given out twice', async () => {
  const numbers = new Set<number>();
  for (let i = 0; i < 4; i += 1) {
    await clock.pass(7 * hourMs);
    await world.desk.reissue();
    numbers.add(issuingList()?.number ?? 0);
    world.reopen();
  }
  expect([...numbers]).toEqual([2, 3, 4, 5]);
});

it('two acts at once get two numbers', async () => {
  const all = await Promise.all([
    world.enrolled('430121', 'operator', 'a'),
    world.enrolled('430121', 'operator', 'b'),
    world.enrolled('430121', 'operator', 'c'),
  ]);
  await clock.pass(7 * hourMs);
  const [first, second, , third] = await Promise.all([
    world.revoke({ fingerprint: all[0].peer.fingerprint }),
    world.revoke({ fingerprint: all[1].peer.fingerprint }),
    world.desk.reissue(),
    world.revoke({ fingerprint: all[2].peer.fingerprint }),
  ]);
  expect([first.listNumber, second.listNumber, third.listNumber]).toEqual([2, 3, 4]);
  const list = await readRevocationList(issuingList()?.der ?? new Uint8Array(), [
    world.pki.issuing.certificate,
  ]);
  expect(list.revoked).toHaveLength(3);
});
