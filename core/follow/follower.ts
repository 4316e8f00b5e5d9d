import { assert } from '../base/assert.ts';
import { type LogName, printLog } from '../log/batch.ts';
import { forEachEntry } from '../log/bundle.ts';
import { decompress } from '../log/compression.ts';
import { bundleBytesMax, type LogStore } from '../log/log-store.ts';
import type { Database, Statement } from '../store/database.ts';

/** Why an entry was set aside; the code is a rule id or an error code, never a value. */
export interface Quarantine {
  readonly code: string;
  readonly text: string;
}

/** Bytes of entries that one transaction takes at most: what a follower holds in memory. */
const followBytesMax = 32 * 1024 * 1024;

/** What a follower does with the entries of one log, inside its transaction. */
export interface Effect {
  /** Why the entry can't be accepted, or undefined when it was. It must not throw for content (I11). */
  apply(entry: Uint8Array, index: number): Quarantine | undefined;
}

/**
 * Reads a log from its own stored position and does its work in one transaction with the new position, so
 * that a crash repeats nothing and skips nothing. Its file can be thrown away: it is made again from size 0.
 */
export class Follower {
  static readonly schema = new URL('./follow.sql', import.meta.url);
  readonly name: string;
  readonly #log: LogName;
  readonly #source: LogStore;
  readonly #target: Database;
  readonly #effect: Effect;
  readonly #entriesMax: number;
  readonly #position: Statement<{ size: number }>;
  readonly #move: Statement;
  readonly #quarantine: Statement;

  /** `target` may be the same file as the source's or another; positions live with the effects. */
  constructor(
    name: string,
    source: LogStore,
    log: LogName,
    target: Database,
    effect: Effect,
    entriesMax: number,
  ) {
    this.name = name;
    this.#log = log;
    this.#source = source;
    this.#target = target;
    this.#effect = effect;
    this.#entriesMax = entriesMax;
    const line = printLog(log);
    target
      .prepare('INSERT INTO follower (name, log, size) VALUES (?, ?, 0) ON CONFLICT DO NOTHING')
      .run(name, line);
    this.#position = target.prepare<{ size: number }>('SELECT size FROM follower WHERE name = ? AND log = ?');
    this.#move = target.prepare('UPDATE follower SET size = ? WHERE name = ? AND log = ? AND size = ?');
    this.#quarantine = target.prepare(
      'INSERT INTO quarantine (follower, log, idx, code, text) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
  }

  get position(): number {
    return this.#position.get(this.name, printLog(this.#log))?.size ?? 0;
  }

  /** One transaction of whole segments, about `entriesMax` entries; returns how many entries it took. */
  once(): number {
    const state = this.#source.find(this.#log);
    if (!state) return 0;
    const from = this.position;
    const bundles: { first: number; bytes: Buffer }[] = [];
    let end = from;
    let size = 0;
    while (end - from < this.#entriesMax && size < followBytesMax) {
      const segment = this.#source.segmentAt(state.id, end);
      if (!segment) break;
      const bytes = decompress(segment.compression, segment.entries, bundleBytesMax);
      bundles.push({ first: segment.first, bytes });
      size += bytes.length;
      end = segment.end;
    }
    if (end === from) return 0;
    this.#target.transaction(() => {
      for (const { first, bytes } of bundles) this.#applyBundle(first, bytes, from);
      const moved = this.#move.run(end, this.name, printLog(this.#log), from);
      assert(moved.changes === 1, 'one process runs this follower');
    });
    return end - from;
  }

  #applyBundle(first: number, bundle: Buffer, from: number): void {
    let index = first;
    forEachEntry(bundle, (start, end) => {
      if (index >= from) {
        const problem = this.#effect.apply(bundle.subarray(start, end), index);
        if (problem) {
          this.#quarantine.run(this.name, printLog(this.#log), index, problem.code, problem.text);
        }
      }
      index += 1;
    });
  }
}
