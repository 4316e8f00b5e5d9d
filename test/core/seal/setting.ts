import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Clock } from '../../../core/base/clock.ts';
import { Fault } from '../../../core/base/errors.ts';
import { seededRandom } from '../../../core/base/random.ts';
import type { InitOptions } from '../../../core/seal/initialise.ts';
import { KeyRing } from '../../../core/seal/key-ring.ts';
import { Seal, type SealOptions } from '../../../core/seal/seal.ts';
import type { Share } from '../../../core/seal/share.ts';
import { printShareText } from '../../../core/seal/share-text.ts';

/** A clock that a test moves; sleepers wake when their time has come. */
export class TestClock implements Clock {
  #ms = Date.UTC(2026, 10, 21, 8);
  #sleepers: { atMs: number; wake: () => void }[] = [];

  nowMs(): number {
    return this.#ms;
  }

  monotonicMs(): number {
    return this.#ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      this.#sleepers.push({ atMs: this.#ms + ms, wake: resolve });
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  advance(ms: number): void {
    this.#ms += ms;
    const due = this.#sleepers.filter((sleeper) => sleeper.atMs <= this.#ms);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.atMs > this.#ms);
    for (const sleeper of due) sleeper.wake();
  }
}

export const site = '430121';
export const officers = ['chen', 'li', 'wang'] as const;
export const ringBytes = Buffer.alloc(32, 7);

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true });
});

export function folderOf(): string {
  const folder = fs.mkdtempSync(join(tmpdir(), 'tongbu-seal-'));
  folders.push(folder);
  return folder;
}

export function holdersOf(names: readonly string[]): InitOptions['holders'] {
  return names.map((officer, i) => ({ officer, certificateFingerprint: `${i + 1}`.padStart(64, '0') }));
}

export function ringOf(): KeyRing {
  return KeyRing.empty()
    .withKey('db', ringBytes, 1)
    .withKey('log', Buffer.alloc(32, 8), 1)
    .withKey('password/writer', Buffer.alloc(32, 9), 1);
}

let seed = 1;

export function initOptions(clock: Clock, more: Partial<InitOptions> = {}) {
  seed += 1;
  return {
    site,
    trustDomain: 'hunan.example',
    threshold: 2,
    holders: holdersOf(officers),
    ring: ringOf(),
    clock,
    random: seededRandom(seed),
    ...more,
  };
}

export interface Site {
  readonly folder: string;
  readonly clock: TestClock;
  readonly shares: Share[];
  readonly texts: string[];
  readonly seal: Seal;
  reopen(more?: Partial<SealOptions>): Seal;
}

/** A sealed 2-of-3 site with its shares. */
export async function sealedSite(
  more: Partial<InitOptions> = {},
  options: Partial<SealOptions> = {},
): Promise<Site> {
  const made = await dealtSite(more, options);
  made.seal.confirmAll(made.shares);
  return made;
}

/** The same before any holder has confirmed the own share. */
export async function dealtSite(
  more: Partial<InitOptions> = {},
  options: Partial<SealOptions> = {},
): Promise<Site> {
  const folder = folderOf();
  const clock = new TestClock();
  const { shares } = await Seal.init(folder, initOptions(clock, more));
  return siteIn(folder, clock, shares, options);
}

/** The same site, as its files are now, in a folder of its own: quicker than dealing again. */
export function copyOf({ folder, clock, shares }: Site): Site {
  const copy = folderOf();
  fs.cpSync(folder, copy, { recursive: true });
  return siteIn(copy, clock, shares, {});
}

function siteIn(folder: string, clock: TestClock, shares: Share[], options: Partial<SealOptions>): Site {
  const reopen = (again: Partial<SealOptions> = {}) => {
    seed += 1;
    return Seal.open(folder, { site, clock, random: seededRandom(seed), ...options, ...again });
  };
  return { folder, clock, shares, texts: shares.map(printShareText), seal: reopen(), reopen };
}

/** The code that `work` fails with, and its parameters; fails the test when it does not fail. */
export function refusal(work: () => unknown): { code: string; parameters: Record<string, unknown> } {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return { code: error.code, parameters: { ...error.parameters } };
    throw error;
  }
  throw new Error('it was not refused');
}
