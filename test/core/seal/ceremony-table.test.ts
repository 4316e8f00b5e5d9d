import { describe, expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { seededRandom } from '../../../core/base/random.ts';
import { Seal } from '../../../core/seal/seal.ts';
import type { SealStatus } from '../../../core/seal/seal-status.ts';
import { dealNext, fetched, open, orderOf } from './ceremony-setting.ts';
import { copyOf, dealtSite, folderOf, type Site, sealedSite, site, TestClock } from './setting.ts';

/** What a cell of the table says: what the caller hears, and how the site stands afterwards. */
interface Cell {
  /** An error code, or a word of the answer. */
  readonly told: string;
  readonly state: SealStatus['state'];
  /** Kind of the open ceremony, or '-'. */
  readonly open: string;
  /** Who counts in it, or what was lost: `chen`, `lost chen`, '-'. */
  readonly counted: string;
}

interface World {
  readonly seal: Seal;
  readonly texts: readonly string[];
  readonly clock: TestClock;
  reopen(): Seal;
  /** The new share of a holder of the set that waits. */
  readonly next?: string;
}

const sealed = await sealedSite();
const dealt = await dealtSite();
const waiting = await sealedSite();
await dealNext(waiting.seal, waiting.texts);
const nextShare = (await fetched(waiting.seal, 'sun')).text;
const id = (seal: Seal) => seal.status().ceremony?.id;

const worldOf = (made: Site): World => {
  const clock = new TestClock();
  const copy = copyOf({ ...made, clock });
  return { seal: copy.seal, texts: made.texts, clock, reopen: () => copy.reopen() };
};

const states: Record<string, () => Promise<World>> = {
  empty: async () => {
    const folder = folderOf();
    const clock = new TestClock();
    const reopen = () => Seal.open(folder, { site, clock, random: seededRandom(5) });
    return { seal: reopen(), texts: sealed.texts, clock, reopen };
  },
  'init open': async () => worldOf(dealt),
  sealed: async () => worldOf(sealed),
  'sealed, unseal open': async () => {
    const world = worldOf(sealed);
    world.seal.enterShare('chen', world.texts[0] ?? '');
    return world;
  },
  unsealed: async () => {
    const world = worldOf(sealed);
    open(world.seal, world.texts);
    return world;
  },
  'unsealed, ceremony open': async () => {
    const world = worldOf(sealed);
    open(world.seal, world.texts);
    world.seal.openCeremony('rotate-root', 'wang', 'a leak');
    await world.seal.enterCeremonyShare('chen', world.texts[0] ?? '', { ceremonyId: id(world.seal) });
    return world;
  },
  'pending, sealed': async () => ({ ...worldOf(waiting), next: nextShare }),
  'pending, unsealed': async () => {
    const world = worldOf(waiting);
    open(world.seal, world.texts);
    return { ...world, next: nextShare };
  },
};

const events: Record<string, (world: World) => unknown> = {
  share: ({ seal, texts }) => seal.enterShare('li', texts[1] ?? '').opened,
  'new share': ({ seal, texts, next }) => seal.enterShare(next ? 'sun' : 'li', next ?? texts[2] ?? '').opened,
  agreement: async ({ seal, texts }) => {
    await seal.enterCeremonyShare('li', texts[1] ?? '', { ceremonyId: id(seal) });
    return 'counted';
  },
  proof: ({ seal, texts, next }) => {
    seal.proveShare(next ? 'sun' : 'li', next ?? texts[1] ?? '');
    return 'counted';
  },
  seal: ({ seal }) => seal.seal('operator'),
  'emergency-seal': ({ seal }) => seal.emergencySeal('wang').ended,
  'open another': ({ seal }) =>
    seal.openCeremony('change-holders', 'wang', 'a change', orderOf()) && 'opened',
  cancel: ({ seal }) => seal.cancelCeremony('wang', 'a mistake') && 'cancelled',
  expiry: ({ clock }) => {
    clock.advance(25 * 3_600_000);
    return 'expired';
  },
  restart: () => 'restarted',
};

// state × event: told | state | ceremony open | counted. `told` is what the caller hears.
const table: Record<string, Record<string, string>> = {
  empty: {
    share: 'TB1203 | empty | - | -',
    'new share': 'TB1203 | empty | - | -',
    agreement: 'TB1203 | empty | - | -',
    proof: 'TB1203 | empty | - | -',
    seal: 'nothing | empty | - | -',
    'emergency-seal': 'nothing | empty | - | -',
    'open another': 'TB1203 | empty | - | -',
    cancel: 'TB1203 | empty | - | -',
    expiry: 'expired | empty | - | -',
    restart: 'restarted | empty | - | -',
  },
  'init open': {
    share: 'TB1204 | empty | init | -',
    'new share': 'TB1204 | empty | init | -',
    agreement: 'TB1203 | empty | init | -',
    proof: 'TB1204 | empty | init | -',
    seal: 'nothing | empty | init | -',
    'emergency-seal': 'nothing | empty | init | -',
    'open another': 'TB1204 | empty | init | -',
    cancel: 'TB1204 | empty | init | -',
    expiry: 'expired | empty | init | -',
    restart: 'restarted | empty | init | -',
  },
  sealed: {
    share: 'false | unsealing | unseal | li',
    'new share': 'TB1212 | sealed | - | -',
    agreement: 'TB1203 | sealed | - | -',
    proof: 'TB1203 | sealed | - | -',
    seal: 'nothing | sealed | - | -',
    'emergency-seal': 'nothing | sealed | - | -',
    'open another': 'TB1201 | sealed | - | -',
    cancel: 'TB1203 | sealed | - | -',
    expiry: 'expired | sealed | - | -',
    restart: 'restarted | sealed | - | -',
  },
  'sealed, unseal open': {
    share: 'true | unsealed | - | -',
    'new share': 'TB1212 | unsealing | unseal | chen',
    agreement: 'TB1204 | unsealing | unseal | chen',
    proof: 'TB1203 | unsealing | unseal | chen',
    seal: 'cancelled | sealed | - | lost chen',
    'emergency-seal': 'cancelled | sealed | - | lost chen',
    'open another': 'TB1204 | unsealing | unseal | chen',
    cancel: 'cancelled | sealed | - | lost chen',
    expiry: 'expired | sealed | - | lost chen',
    restart: 'restarted | sealed | - | lost chen',
  },
  unsealed: {
    share: 'TB1202 | unsealed | - | -',
    'new share': 'TB1202 | unsealed | - | -',
    agreement: 'TB1203 | unsealed | - | -',
    proof: 'TB1203 | unsealed | - | -',
    seal: 'sealed | sealed | - | -',
    'emergency-seal': 'sealed | sealed | - | -',
    'open another': 'opened | unsealed | change-holders | -',
    cancel: 'TB1203 | unsealed | - | -',
    expiry: 'expired | unsealed | - | -',
    restart: 'restarted | sealed | - | -',
  },
  'unsealed, ceremony open': {
    share: 'TB1202 | unsealed | rotate-root | chen',
    'new share': 'TB1202 | unsealed | rotate-root | chen',
    agreement: 'counted | unsealed | - | -',
    proof: 'TB1203 | unsealed | rotate-root | chen',
    seal: 'sealed | sealed | - | lost chen',
    'emergency-seal': 'sealed | sealed | - | lost chen',
    'open another': 'TB1204 | unsealed | rotate-root | chen',
    cancel: 'cancelled | unsealed | - | lost chen',
    expiry: 'expired | unsealed | - | lost chen',
    restart: 'restarted | sealed | - | lost chen',
  },
  'pending, sealed': {
    share: 'false | unsealing | unseal | li',
    'new share': 'TB1211 | sealed | change-holders | -',
    agreement: 'TB1203 | sealed | change-holders | -',
    proof: 'counted | sealed | change-holders | sun',
    seal: 'nothing | sealed | change-holders | -',
    'emergency-seal': 'nothing | sealed | change-holders | -',
    'open another': 'TB1204 | sealed | change-holders | -',
    cancel: 'cancelled | sealed | - | -',
    expiry: 'expired | sealed | - | -',
    restart: 'restarted | sealed | change-holders | -',
  },
  'pending, unsealed': {
    share: 'TB1202 | unsealed | change-holders | -',
    'new share': 'TB1202 | unsealed | change-holders | -',
    agreement: 'TB1203 | unsealed | change-holders | -',
    proof: 'counted | unsealed | change-holders | sun',
    seal: 'sealed | sealed | change-holders | -',
    'emergency-seal': 'sealed | sealed | change-holders | -',
    'open another': 'TB1204 | unsealed | change-holders | -',
    cancel: 'cancelled | unsealed | - | -',
    expiry: 'expired | unsealed | - | -',
    restart: 'restarted | sealed | change-holders | -',
  },
};

async function happen(state: string, event: string): Promise<Cell> {
  const world = await (states[state] ?? expect.fail(state))();
  let told: string;
  try {
    told = String(await (events[event] ?? expect.fail(event))(world));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    told = error.code;
  }
  const {
    state: phase,
    ceremony,
    received,
    lost,
  } = (event === 'restart' ? world.reopen() : world.seal).status();
  const counted = received.join(',') || (lost.length > 0 ? `lost ${lost.join(',')}` : '-');
  return { told, state: phase, open: ceremony?.kind ?? '-', counted };
}

describe('state × event', { timeout: 60_000 }, () => {
  test('the table has every cell', () => {
    expect(Object.keys(table)).toEqual(Object.keys(states));
    for (const row of Object.values(table)) expect(Object.keys(row)).toEqual(Object.keys(events));
  });

  for (const [state, row] of Object.entries(table)) {
    test.each(Object.entries(row))(`${state}: %s → %s`, async (event, expected) => {
      const { told, state: phase, open: kind, counted } = await happen(state, event);
      expect([told, phase, kind, counted].join(' | ')).toBe(expected);
    });
  }
});
