import { expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { seededRandom } from '../../../core/base/random.ts';
import type { Seal } from '../../../core/seal/seal.ts';
import { fetched, orderOf, successors } from './ceremony-setting.ts';
import { officers, ringBytes, type Site, sealedSite } from './setting.ts';

const everybody = [...new Set<string>([...officers, ...successors])];

/** A dealt set as the officers know it. */
interface Dealt {
  readonly setId: string;
  readonly threshold: number;
  readonly texts: ReadonlyMap<string, string>;
}

/** What the site must say, kept by rules of a few words: no code of the seal is in it. */
class Model {
  readonly sets: Dealt[];
  active: Dealt;
  pending: Dealt | undefined;
  collecting: 'unseal' | 'change-holders' | 'rotate-root' | undefined;
  unsealed = false;
  unproved: readonly string[] = [];
  readonly entered = new Set<string>();
  readonly proofs = new Set<string>();

  constructor(first: Dealt) {
    this.sets = [first];
    this.active = first;
  }

  forget(): void {
    this.unsealed = false;
    this.collecting = undefined;
    this.entered.clear();
    this.proofs.clear();
  }

  /** Whether a share of `set` counts for opening; the last one opens. */
  share(officer: string, set: Dealt): boolean {
    const counts =
      !this.unsealed && set === this.active && set.texts.has(officer) && !this.entered.has(officer);
    if (!counts) return false;
    this.entered.add(officer);
    this.collecting = 'unseal';
    if (this.entered.size < set.threshold) return true;
    this.unproved = this.unproved.filter((holder) => !this.entered.has(holder));
    this.unsealed = true;
    this.#endCollecting();
    return true;
  }

  /** Whether it counts for the ceremony; `done` says that it was the last one needed. */
  agree(officer: string, set: Dealt): { counts: boolean; done: boolean } {
    const open = this.unsealed && this.collecting !== undefined;
    const counts = open && set === this.active && set.texts.has(officer) && !this.entered.has(officer);
    if (counts) this.entered.add(officer);
    const done = counts && this.entered.size === set.threshold;
    if (done) this.#endCollecting();
    return { counts, done };
  }

  prove(officer: string, set: Dealt): boolean {
    if (set === this.active && this.unproved.includes(officer)) {
      this.unproved = this.unproved.filter((holder) => holder !== officer);
      return true;
    }
    if (set !== this.pending || !set.texts.has(officer) || this.proofs.has(officer)) return false;
    this.proofs.add(officer);
    if (this.proofs.size < set.threshold) return true;
    this.active = set;
    this.unproved = [...set.texts.keys()].filter((holder) => !this.proofs.has(holder));
    this.dropPending();
    this.#endCollecting();
    return true;
  }

  dropPending(): void {
    this.pending = undefined;
    this.proofs.clear();
  }

  #endCollecting(): void {
    this.collecting = undefined;
    this.entered.clear();
  }

  cancel(): boolean {
    if (this.collecting !== undefined) this.#endCollecting();
    else if (this.pending !== undefined) this.dropPending();
    else return false;
    return true;
  }
}

class Walk {
  readonly #site: Site;
  readonly #model: Model;
  readonly #uniform: () => number;
  #seal: Seal;
  readonly seen = new Set<string>();

  constructor(site: Site, seed: number) {
    this.#site = site;
    this.#seal = site.seal;
    const texts = new Map(site.shares.map(({ officer }, i) => [officer, site.texts[i] ?? '']));
    this.#model = new Model({ setId: site.shares[0]?.setId ?? '', threshold: 2, texts });
    const random = seededRandom(seed);
    this.#uniform = () => random.uniform();
  }

  async step(): Promise<void> {
    const model = this.#model;
    const { active, pending = active } = model;
    const set = this.#pick([...model.sets.slice(-3), active, active, active, pending, pending, pending]);
    // now and then somebody with the share of another, or of a set that is gone
    const officer = this.#pick(this.#uniform() < 0.8 ? [...set.texts.keys()] : everybody);
    const text = set.texts.get(officer) ?? this.#pick([...set.texts.values()]);
    const acts: readonly [string, number, () => Promise<void> | void][] = [
      ['share', 9, () => this.#expect(model.share(officer, set), () => this.#seal.enterShare(officer, text))],
      ['agree', 14, () => this.#agree(officer, set, text)],
      [
        'prove',
        14,
        () => this.#expect(model.prove(officer, set), () => this.#seal.proveShare(officer, text)),
      ],
      ['change', 4, () => this.#open('change-holders', officer)],
      ['rotate', 5, () => this.#open('rotate-root', officer)],
      ['cancel', 1, () => this.#expect(model.cancel(), () => this.#seal.cancelCeremony(officer, 'why'))],
      ['seal', 3, () => this.#close(() => void this.#seal.seal('operator'))],
      ['emergency', 1, () => this.#close(() => void this.#seal.emergencySeal(officer))],
      ['restart', 3, () => this.#close(() => this.#restart())],
    ];
    const [name, , act] = this.#pick(acts.flatMap((entry) => Array.from({ length: entry[1] }, () => entry)));
    await act();
    this.#compare(`${name} by ${officer}`);
  }

  #pick<T>(from: readonly T[]): T {
    const found = from[Math.floor(this.#uniform() * from.length)];
    return found ?? expect.fail('something to pick');
  }

  async #agree(officer: string, set: Dealt, text: string): Promise<void> {
    const model = this.#model;
    const kind = model.collecting;
    const { counts, done } = model.agree(officer, set);
    const ceremonyId = this.#seal.status().ceremony?.id;
    await this.#expect(counts, () => this.#seal.enterCeremonyShare(officer, text, { ceremonyId }));
    if (done) this.seen.add(kind ?? '');
    if (!done || kind !== 'change-holders') return;
    const { setId = '', threshold = 0, officers: names = [] } = this.#seal.status().pending ?? {};
    const texts = new Map<string, string>();
    for (const name of names) texts.set(name, (await fetched(this.#seal, name)).text);
    model.pending = { setId, threshold, texts };
    model.sets.push(model.pending);
  }

  async #open(kind: 'change-holders' | 'rotate-root', officer: string): Promise<void> {
    const model = this.#model;
    const names = everybody.filter(() => this.#uniform() < 0.6);
    const holders = names.length < 2 ? everybody : names;
    const order = orderOf(2 + Math.floor(this.#uniform() * (holders.length - 1)), holders);
    const opens = model.unsealed && model.collecting === undefined && model.pending === undefined;
    await this.#expect(opens, () => this.#seal.openCeremony(kind, officer, 'why', order));
    if (opens) model.collecting = kind;
  }

  #close(work: () => void): void {
    work();
    this.#model.forget();
  }

  #restart(): void {
    this.#seal.close();
    this.#seal = this.#site.reopen();
  }

  /** The call succeeds exactly when the model says so, and otherwise it is a typed refusal. */
  async #expect(succeeds: boolean, work: () => unknown): Promise<void> {
    let code = 'done';
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      code = error.code;
    }
    expect(code === 'done', code).toBe(succeeds);
  }

  #compare(after: string): void {
    const { active, pending, unsealed, collecting, entered, proofs, unproved } = this.#model;
    const status = this.#seal.status();
    const open = collecting ?? (pending && 'change-holders');
    expect(
      {
        state: status.state,
        setId: status.setId,
        pending: status.pending?.setId,
        ceremony: status.ceremony?.kind,
        received: status.received,
        proved: status.pending?.proved ?? [],
        unproved: status.unproved,
      },
      after,
    ).toEqual({
      state: unsealed ? 'unsealed' : collecting === 'unseal' ? 'unsealing' : 'sealed',
      setId: active.setId,
      pending: pending?.setId,
      ceremony: open,
      received: collecting ? [...entered] : [...proofs],
      proved: [...proofs],
      unproved,
    });
    if (unsealed) expect(Buffer.from(this.#seal.ring().key('db')), after).toEqual(ringBytes);
    if (this.#model.sets.indexOf(active) > 0) this.seen.add('committed');
  }
}

test('whatever officers do in whatever order, the site does what the rules say', {
  timeout: 120_000,
}, async () => {
  const seen = new Set<string>();
  for (const seed of [1, 2, 3]) {
    const walk = new Walk(await sealedSite(), seed);
    for (let step = 0; step < 800; step += 1) await walk.step();
    for (const place of walk.seen) seen.add(place);
  }
  expect(seen, 'the walks have been everywhere').toEqual(
    new Set(['change-holders', 'rotate-root', 'committed']),
  );
});
