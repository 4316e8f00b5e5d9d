import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { generateKeyPair } from '../../../../certs/key-pair.ts';
import { systemClock } from '../../../../core/base/clock.ts';
import type { Fault } from '../../../../core/base/errors.ts';
import { systemRandom } from '../../../../core/base/random.ts';
import { enrol } from '../../../../core/site/joining/enrol.ts';
import type {
  EnrolmentPatience,
  WaitingForOfficers,
} from '../../../../core/site/joining/enrolment-patience.ts';
import type { WantedIdentity } from '../../../../core/site/joining/wanted-identity.ts';
import { EnrolmentHub } from '../../../support/enrolment-hub.ts';
import { Pki } from '../../../support/pki.ts';
import { until } from '../../../support/until.ts';

const siteKeys = { log: Buffer.alloc(32, 1), mirror: Buffer.alloc(32, 2), journal: Buffer.alloc(32, 3) };
let pki: Pki;
let hub: EnrolmentHub;

beforeAll(async () => {
  pki = await Pki.create();
});
beforeEach(async () => {
  hub = await EnrolmentHub.start(pki);
});
afterEach(() => hub.close());

const identities = (): WantedIdentity[] =>
  (['gate', 'node'] as const).map((role) => ({ role, name: '', hosts: [], keys: generateKeyPair() }));

/** Waits as the world is, and notes what it was told. */
function patience(waiting: (info: WaitingForOfficers) => Promise<void> | void = () => {}) {
  const told: WaitingForOfficers[] = [];
  const troubles: Fault[] = [];
  const abort = new AbortController();
  const how: EnrolmentPatience = {
    clock: systemClock,
    random: systemRandom,
    signal: abort.signal,
    waiting: (info) => {
      told.push(info);
      return waiting(info);
    },
    unreachable: (error) => void troubles.push(error),
  };
  return { how, told, troubles, abort };
}

describe('who enrols', () => {
  test('is told once what to read out, asks again, and gets certificates after the approval', async () => {
    const { how, told } = patience(() => hub.approvals.decide('approved'));
    const enrolled = await enrol(await hub.token(), identities(), siteKeys, how);
    expect(enrolled).toMatchObject({
      site: '430121',
      trustDomain: 'hunan.example',
      anchor: { site: '430000' },
    });
    expect(told).toMatchObject([
      { site: '430121', hubSite: '430000', words: hub.approvals.opened[0]?.words },
    ]);
    expect(hub.registered).toHaveLength(1);
  });

  test('ends with the reason when an officer rejects', async () => {
    const { how } = patience(() => hub.approvals.decide('rejected'));
    const ended = enrol(await hub.token(), identities(), siteKeys, how);
    await expect(ended).rejects.toMatchObject({ code: 'TB1371' });
    expect(hub.registered).toEqual([]);
  });

  test('goes on waiting while the hub is away, because the request waits there', async () => {
    const { how, troubles } = patience(() => hub.close());
    const enrolled = enrol(await hub.token(), identities(), siteKeys, how);
    await until('the hub is missed', () => troubles.length > 0);
    hub.approvals.decide('approved');
    await hub.listen();
    expect(await enrolled).toMatchObject({ site: '430121' });
  }, 60_000);

  test('gives up by a signal, withdraws the request, and the token takes other keys', async () => {
    const line = await hub.token();
    const first = patience(() => first.abort.abort());
    const given = enrol(line, identities(), siteKeys, first.how);
    const error = await given.catch((reason: unknown) => reason);
    const id = first.told[0]?.requestId ?? 'none';
    expect(error).toMatchObject({ code: 'TB1374', parameters: { id } });
    const second = patience(() => hub.approvals.decide('approved', second.told[0]?.requestId));
    expect(await enrol(line, identities(), siteKeys, second.how)).toMatchObject({ site: '430121' });
  });

  test('who gives up while the hub is away is told until when the token takes no other keys', async () => {
    const { how, abort, told } = patience(() => {
      hub.close();
      abort.abort();
    });
    const given = enrol(await hub.token(), identities(), siteKeys, how);
    const error = await given.catch((reason: unknown) => reason);
    const time = new Date(told[0]?.expiresMs ?? 0).toISOString();
    expect(error).toMatchObject({ code: 'TB1375', parameters: { time } });
  });

  test('stops when the hub shows its officers other keys than the own', async () => {
    const shown = hub.enrolment.enrol.bind(hub.enrolment);
    hub.close();
    hub.enrolment.enrol = async (request, from) => {
      const answer = await shown(request, from);
      return 'waiting' in answer ? { waiting: { ...answer.waiting, words: 'baba' } } : answer;
    };
    await hub.listen();
    const { how, told } = patience();
    await expect(enrol(await hub.token(), identities(), siteKeys, how)).rejects.toMatchObject({
      code: 'TB1373',
    });
    expect(told).toEqual([]);
  });

  test('a hub that can not be reached at first is named at once, not waited for', async () => {
    const line = await hub.token();
    hub.close();
    const { how } = patience();
    await expect(enrol(line, identities(), siteKeys, how)).rejects.toMatchObject({ code: 'TB1342' });
  });
});

test('asking for as long as officers take is no mistake that the listener counts', async () => {
  const line = await hub.token();
  const wanted = identities();
  for (let i = 0; i < 15; i += 1) {
    const { how, abort, told } = patience(() => abort.abort());
    await expect(enrol(line, wanted, siteKeys, how)).rejects.toMatchObject({ code: 'TB1374' });
    expect(told).toHaveLength(1);
  }
}, 30_000);
