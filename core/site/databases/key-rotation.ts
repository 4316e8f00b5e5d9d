import { assert } from '../../base/assert.ts';
import { wipe } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault, fault } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { KeyRing } from '../../seal/key-ring.ts';
import type { RingAccess } from '../seal/ring-access.ts';
import type { SiteFolder } from '../site-folder.ts';
import { Thread } from '../thread.ts';
import { databaseFiles } from './database-files.ts';
import { databaseKey } from './database-key.ts';
import type { RekeyAsks, RekeyOutcome } from './rekey-thread.ts';

const script = new URL('./rekey-thread.ts', import.meta.url);

export interface RotationParts {
  readonly folder: SiteFolder;
  readonly keys: RingAccess;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly random: Random;
  readonly logger: Logger;
}

/** How far the newest rotation is; `unfinished` ones go on at the next opening. */
export interface RotationProgress {
  readonly state: 'none' | 'running' | 'finished' | 'unfinished';
  /** Number of the key that files get. */
  readonly keyEpoch: number;
  readonly files: number;
  readonly done: number;
  /** The file in work, `''` for none. */
  readonly current: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly problems: readonly { readonly file: string; readonly fault: Fault }[];
  /** What was found in each file that got the key, for the record. */
  readonly found: readonly ({ readonly file: string } & RekeyOutcome)[];
}

const nothing: RotationProgress = {
  state: 'none',
  keyEpoch: 0,
  files: 0,
  done: 0,
  current: '',
  startedMs: 0,
  endedMs: 0,
  problems: [],
  found: [],
};

/**
 * Another key for all databases of a site. The ring is the only memory of it: as long as a retired `db` key
 * is there, files may need it, and every opening goes through them again. So there is no step at which a
 * crash leaves a file without a key: the new key is durable in the ring before the first file has it, and
 * the old one goes when the last file was read whole with the new one.
 */
export class KeyRotation {
  readonly #parts: RotationParts;
  #progress = nothing;
  #thread: Thread<RekeyAsks> | undefined;
  #stopped = false;

  constructor(parts: RotationParts) {
    this.#parts = parts;
  }

  progress(): RotationProgress {
    return this.#progress;
  }

  get running(): boolean {
    return this.#progress.state === 'running';
  }

  /** Files of the site may still have an older key. Throws SEALED. */
  get pending(): boolean {
    return retiredOf(this.#parts.keys.ring()).length > 0;
  }

  /** A new key becomes the active one; durable in the ring when it returns. Throws TB1920, SEALED. */
  begin(): void {
    const { keys, random, clock } = this.#parts;
    if (this.running) throw fault('TB1920');
    const bytes = random.bytes(32);
    try {
      keys.replace((ring) => ring.withKey('db', bytes, clock.nowMs()));
    } finally {
      wipe(bytes);
    }
    this.#progress = { ...nothing, state: 'unfinished', keyEpoch: this.#epoch() };
  }

  /**
   * Gives every file of the closed site the active key, and drops the retired ones when all have it. A file
   * that fails is named in the progress and keeps its key. Throws when it was stopped.
   */
  async run(): Promise<void> {
    const { folder, keys, clock, logger } = this.#parts;
    assert(!this.running, 'one rotation at a time');
    this.#stopped = false;
    const retired = retiredOf(keys.ring());
    const files = databaseFiles(folder);
    const key = databaseKey(keys.ring());
    const startedMs = clock.nowMs();
    this.#progress = {
      ...nothing,
      state: 'running',
      keyEpoch: this.#epoch(),
      files: files.length,
      startedMs,
    };
    logger.info('databases get another key', { files: files.length, epoch: this.#progress.keyEpoch });
    this.#thread = new Thread<RekeyAsks>(script, { databaseKey: key }, () => undefined);
    wipe(key);
    try {
      for (const { name, path } of files) await this.#rekey(name, path);
    } catch (error) {
      this.#end('unfinished');
      throw this.#stopped ? fault('TB1018', {}, error) : error;
    } finally {
      await this.#thread?.terminate();
      this.#thread = undefined;
    }
    if (this.#stopped) return this.#end('unfinished');
    if (this.#progress.problems.length === 0) this.#drop(retired);
    this.#end(this.#progress.problems.length === 0 ? 'finished' : 'unfinished');
  }

  /** Ends the work at once, as a crash would: what is open now is closed, the rest goes on another time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#thread?.terminate();
  }

  async #rekey(file: string, path: string): Promise<void> {
    assert(this.#thread, 'the thread of this run');
    this.#progress = { ...this.#progress, current: file };
    try {
      const outcome = await this.#thread.ask('rekey', { path });
      const { done, found } = this.#progress;
      this.#progress = { ...this.#progress, done: done + 1, found: [...found, { file, ...outcome }] };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#problem(file, error);
    }
  }

  /**
   * A ring that can't be written keeps a key too many, which another opening drops: no reason to stay shut.
   */
  #drop(epochs: readonly number[]): void {
    try {
      this.#parts.keys.replace((ring) => withoutKeys(ring, epochs));
    } catch (error) {
      if (!(error instanceof Fault) || !error.retry) throw error;
      this.#problem('seal', error);
    }
  }

  #problem(file: string, error: Fault): void {
    this.#parts.logger.error('a database key is still needed', { file, error });
    this.#progress = { ...this.#progress, problems: [...this.#progress.problems, { file, fault: error }] };
  }

  #end(state: 'finished' | 'unfinished'): void {
    this.#progress = { ...this.#progress, state, current: '', endedMs: this.#parts.clock.nowMs() };
  }

  #epoch(): number {
    const active = this.#parts.keys
      .ring()
      .list()
      .find(({ purpose, state }) => purpose === 'db' && state === 'active');
    assert(active, 'every ring has a database key');
    return active.epoch;
  }
}

function retiredOf(ring: KeyRing): number[] {
  return ring
    .list()
    .filter(({ purpose, state }) => purpose === 'db' && state === 'retired')
    .map(({ epoch }) => epoch);
}

/** Rings on the way are wiped; the one given stays its owner's. */
function withoutKeys(ring: KeyRing, epochs: readonly number[]): KeyRing {
  return epochs.reduce((before, epoch) => {
    const after = before.withoutRetired('db', epoch);
    if (before !== ring) before.wipe();
    return after;
  }, ring);
}
