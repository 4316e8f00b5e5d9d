import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import type { Seal } from '../../../core/seal/seal.ts';
import { agree, dealNext, fetched, open, orderOf, successors } from './ceremony-setting.ts';
import { FailingFiles } from './failing-files.ts';
import { copyOf, officers, ringBytes, type Site, sealedSite } from './setting.ts';

/** A share as its holder has it. */
interface Entry {
  readonly officer: string;
  readonly text: string;
}

interface Outcome {
  readonly copy: Site;
  /** The process that met the failure; its disk works again. */
  readonly seal: Seal;
  readonly files: FailingFiles;
  readonly code: string;
}

const whole = await sealedSite();
const oldShares: readonly Entry[] = whole.texts.map((text, i) => ({ officer: officers[i] ?? '', text }));
const waiting = copyOf(whole);
await dealNext(waiting.seal, waiting.texts);
const newShares: readonly Entry[] = await Promise.all(
  successors.map((officer) => fetched(waiting.seal, officer)),
);
waiting.seal.close();

/** Fails each durable step of `work` in turn, before and after it took effect, until it gets through. */
async function atEveryStep(
  from: Site,
  prepare: (seal: Seal) => Promise<unknown> | unknown,
  work: (seal: Seal) => Promise<unknown> | unknown,
  check: (outcome: Outcome) => Promise<void> | void,
): Promise<void> {
  for (const persists of [false, true]) {
    for (let step = 1; ; step += 1) {
      const files = new FailingFiles();
      const copy = copyOf(from);
      const seal = copy.reopen({ files: files.port });
      await prepare(seal);
      files.failAt(step, persists);
      const failure = await Promise.resolve()
        .then(() => work(seal))
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      const failed = files.failed();
      files.heal();
      if (failure instanceof Fault) await check({ copy, seal, files, code: failure.code });
      else if (failure !== undefined) throw failure;
      else if (!failed) {
        expect(step, 'the work has durable steps').toBeGreaterThan(3);
        break;
      } else await check({ copy, seal, files, code: 'done' });
      seal.close();
    }
  }
}

/** Whether these shares, entered one after the other into a new process, open the ring. */
function opens(copy: Site, ...entries: readonly (Entry | undefined)[]): boolean {
  const seal = copy.reopen();
  try {
    for (const entry of entries) {
      if (entry === undefined) continue;
      try {
        seal.enterShare(entry.officer, entry.text);
      } catch (error) {
        if (!(error instanceof Fault) || !['TB1207', 'TB1211', 'TB1214'].includes(error.code)) throw error;
      }
    }
    const opened = seal.status().state === 'unsealed';
    if (opened) expect(Buffer.from(seal.ring().key('db'))).toEqual(ringBytes);
    return opened;
  } finally {
    seal.close();
  }
}

const pairs = [
  [0, 1],
  [1, 2],
  [2, 0],
] as const;

const known = new Map<string, number>();

/** The same question about the same wrapped keys has the same answer; most crashes leave one of a few. */
function inForce(copy: Site, sets: readonly (readonly Entry[])[]): number {
  const state = fs.readFileSync(join(copy.folder, 'seal.state'), 'latin1');
  const wraps = /^epoch[\s\S]*?(?=^retired)/m.exec(state)?.[0] ?? expect.fail('a state');
  const key = JSON.stringify([wraps, sets.map((set) => set.map(({ text }) => text))]);
  const set = known.get(key) ?? tryAll(copy, sets);
  known.set(key, set);
  return set;
}

/** Which set opens the site: every pair of it, no pair of another, no single share, no mixture. */
function tryAll(copy: Site, sets: readonly (readonly Entry[])[]): number {
  const opening = sets.map((set) => pairs.map(([a, b]) => opens(copy, set[a], set[b])));
  const full = opening.filter((answers) => answers.every((answer) => answer));
  const none = opening.filter((answers) => answers.every((answer) => !answer));
  expect([full.length, none.length], 'one set opens with each of its pairs').toEqual([1, sets.length - 1]);
  for (const entry of sets.flat()) expect(opens(copy, entry, entry), `${entry.officer} alone`).toBe(false);
  const [a, b] = sets;
  if (b) for (const i of [0, 1, 2]) expect(opens(copy, a?.[i], b[(i + 1) % 3]), 'a mixture').toBe(false);
  return opening.findIndex((answers) => answers[0]);
}

describe('a crash at every write, fsync and rename', { timeout: 240_000 }, () => {
  test('of dealing a new set leaves the old one in force, and a set that waits has all its files', async () => {
    const prepare = (seal: Seal) => {
      open(seal, whole.texts);
      seal.openCeremony('change-holders', 'chen', 'wang leaves', orderOf());
    };
    await atEveryStep(
      whole,
      prepare,
      (seal) => agree(seal, whole.texts),
      async ({ copy }) => {
        expect(inForce(copy, [oldShares])).toBe(0);
        const again = copy.reopen();
        if (again.status().pending === undefined) return;
        // then it can be finished without the process that dealt it
        const shares = await Promise.all(successors.map((officer) => fetched(again, officer)));
        for (const { officer, text } of shares.slice(1)) again.proveShare(officer, text);
        expect(inForce(copy, [oldShares, shares])).toBe(1);
      },
    );
  });

  test('of the proofs and the commit leaves the old set in force or the new one, never both or neither', async () => {
    const seen = new Set<number>();
    const prove = (seal: Seal) => {
      for (const { officer, text } of newShares.slice(0, 2)) seal.proveShare(officer, text);
    };
    await atEveryStep(
      waiting,
      () => {},
      prove,
      ({ copy }) => {
        const set = inForce(copy, [oldShares, newShares]);
        seen.add(set);
        const again = copy.reopen();
        const proofs = again.status().pending?.proved;
        expect(proofs, 'proofs do not outlive the process').toEqual(set === 0 ? [] : undefined);
        if (set === 0) prove(again);
        expect(inForce(copy, [oldShares, newShares])).toBe(1);
      },
    );
    expect(seen).toEqual(new Set([0, 1]));
  });

  test('of cancelling a change leaves the old set in force, and what waits can still be ended', async () => {
    const cancel = (seal: Seal) => seal.cancelCeremony('wang', 'a mistake');
    await atEveryStep(
      waiting,
      () => {},
      cancel,
      ({ copy }) => {
        const again = copy.reopen();
        if (again.status().pending !== undefined) cancel(again);
        expect(again.status().pending).toBeUndefined();
        expect(inForce(copy, [oldShares, newShares])).toBe(0);
      },
    );
  });

  test('of a root rotation leaves the old state or the new one, and the same shares open it', async () => {
    const seen = new Set<number>();
    const prepare = (seal: Seal) => {
      open(seal, whole.texts);
      seal.openCeremony('rotate-root', 'chen', 'a leak');
    };
    await atEveryStep(
      whole,
      prepare,
      (seal) => agree(seal, whole.texts),
      ({ copy, seal }) => {
        seen.add(copy.reopen().status().epoch);
        expect(Buffer.from(seal.ring().key('db')), 'the open site goes on').toEqual(ringBytes);
        expect(inForce(copy, [oldShares])).toBe(0);
      },
    );
    expect(seen).toEqual(new Set([1, 2]));
  });

  test('of opening a ceremony, sealing or an emergency leaves the site sealed, and its shares open it', async () => {
    const acts: readonly ((seal: Seal) => unknown)[] = [
      (seal) => seal.openCeremony('rotate-root', 'chen', 'a leak'),
      (seal) => seal.openCeremony('rotate-root', 'chen', 'a leak') && seal.seal('operator'),
      (seal) => seal.openCeremony('rotate-root', 'chen', 'a leak') && seal.emergencySeal('wang'),
    ];
    for (const act of acts) {
      await atEveryStep(
        whole,
        (seal) => open(seal, whole.texts),
        act,
        ({ copy }) => {
          expect(copy.reopen().status()).toMatchObject({ state: 'sealed', received: [] });
          expect(opens(copy, oldShares[0], oldShares[1])).toBe(true);
        },
      );
    }
  });

  test('of a late proof leaves the holder unproved or proved, with the new set in force', async () => {
    const committed = copyOf(waiting);
    for (const { officer, text } of newShares.slice(0, 2)) committed.seal.proveShare(officer, text);
    const late = newShares[2] ?? expect.fail('a third holder');
    const prove = (seal: Seal) => seal.proveShare(late.officer, late.text);
    await atEveryStep(
      committed,
      () => {},
      prove,
      ({ copy }) => {
        const again = copy.reopen();
        if (again.status().unproved.length > 0) prove(again);
        expect(again.status().unproved).toEqual([]);
        expect(inForce(copy, [oldShares, newShares])).toBe(1);
      },
    );
  });
});

describe('a disk that fails and works again', { timeout: 120_000 }, () => {
  test('lets the last agreement be repeated in the same process, and then deals', async () => {
    const last = async (seal: Seal) =>
      seal.enterCeremonyShare('li', whole.texts[1] ?? '', { ceremonyId: seal.status().ceremony?.id });
    const prepare = async (seal: Seal) => {
      open(seal, whole.texts);
      const ceremonyId = seal.openCeremony('change-holders', 'chen', 'wang leaves', orderOf()).ceremony?.id;
      await seal.enterCeremonyShare('chen', whole.texts[0] ?? '', { ceremonyId });
    };
    await atEveryStep(whole, prepare, last, async ({ seal, code }) => {
      if (code === 'TB1228' || code === 'done') return;
      expect(seal.status()).toMatchObject({ received: ['chen'], pending: { setId: undefined } });
      await last(seal);
      expect(seal.status().pending?.officers).toEqual(successors);
    });
  });

  test('keeps an emergency from nothing: the keys are gone, and the answer says that it was not recorded', () => {
    const files = new FailingFiles();
    const copy = copyOf(whole);
    const seal = copy.reopen({ files: files.port });
    open(seal, whole.texts);
    seal.openCeremony('rotate-root', 'chen', 'a leak');
    const key = seal.ring().key('db');
    files.failAt(1, false);
    expect(seal.emergencySeal('wang')).toEqual({ ended: 'sealed', recorded: false });
    expect(key).toEqual(new Uint8Array(32));
    expect(seal.status()).toMatchObject({ state: 'sealed', ceremony: undefined });
    files.heal();
    open(seal, whole.texts);
    expect(seal.status().state).toBe('unsealed');
  });
});
