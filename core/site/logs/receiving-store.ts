import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import { limits } from '../../link/limits.ts';
import type { Outcome } from '../../link/receiver-session.ts';
import type { Batch, LogName, Position } from '../../log/batch.ts';
import { Copy } from '../../log/copy.ts';
import { cosign } from '../../log/cosignature.ts';
import type { Cosigner, VerifierKey } from '../../log/keys.ts';
import type { LogStore } from '../../log/log-store.ts';

/** One batch on its way to the disk. */
export interface Delivery {
  readonly log: LogName;
  readonly batch: Batch;
  readonly fence: number;
  readonly verifier: VerifierKey;
}

const bounds = { entriesMax: limits.batchEntries, bytesMax: limits.batchBytes } as const;

/**
 * The received logs of one file. Whatever is waiting is stored with one fsync; every answer is given after
 * it (I3), and the newest checkpoint of each log is cosigned once, as the largest that is held.
 */
export class ReceivingStore {
  readonly #store: LogStore;
  readonly #mirror: Cosigner<'mirror'>;
  readonly #clock: Clock;
  readonly #copies = new Map<string, Copy>();

  constructor(store: LogStore, mirror: Cosigner<'mirror'>, clock: Clock) {
    this.#store = store;
    this.#mirror = mirror;
    this.#clock = clock;
  }

  open(log: LogName): { readonly position: Position; readonly fence: number } {
    const copy = this.#copy(log);
    const fence = this.#store.database.transaction(() => copy.fence());
    return { position: copy.position(), fence };
  }

  /** Answers in the order of the deliveries; only the last accepted one of a log carries a cosignature. */
  store(deliveries: readonly Delivery[]): Outcome[] {
    const staged = deliveries.map(({ log, batch, fence, verifier }) => {
      const copy = this.#copy(log);
      return { copy, verdict: copy.stage(batch, fence, verifier, bounds), end: batch.first + batch.count };
    });
    const copies = new Set(staged.map(({ copy }) => copy));
    const problem = this.#commit(copies);
    if (problem) {
      return staged.map(({ copy }) => ({ kind: 'refused', ...problem, size: copy.position().size }));
    }
    const cosignatures = new Map<Copy, Uint8Array>();
    for (const copy of copies) {
      const note = copy.settle();
      if (note) cosignatures.set(copy, cosign(note, this.#mirror, this.#clock.nowMs()));
    }
    return staged.map(({ copy, verdict, end }): Outcome => {
      const { size } = copy.position();
      if (verdict.kind === 'refused')
        return { kind: 'refused', code: verdict.code, size, text: verdict.text };
      const cosignature = (end === size && cosignatures.get(copy)) || this.#again(copy, verdict.kind, size);
      return { kind: 'accepted', size, cosignature };
    });
  }

  /** A batch that was held before gets the same answer as then: a receipt for what is held now (I6). */
  #again(copy: Copy, kind: 'staged' | 'known', size: number): Uint8Array {
    const state = kind === 'known' ? this.#store.find(copy.name) : undefined;
    const held = state && this.#store.segmentEnding(state.id, size);
    return held ? cosign(held.checkpoint, this.#mirror, this.#clock.nowMs()) : new Uint8Array();
  }

  #commit(copies: ReadonlySet<Copy>): { code: 'storage' | 'fenced'; text: string } | undefined {
    try {
      this.#store.database.transaction(() => {
        const nowMs = this.#clock.nowMs();
        for (const copy of copies) if (!copy.flush(nowMs)) throw new Fenced();
      });
      return undefined;
    } catch (error) {
      for (const copy of copies) copy.discard();
      if (error instanceof Fenced) return { code: 'fenced', text: 'another writer moved this log' };
      if (error instanceof Fault && error.retry) return { code: 'storage', text: error.code };
      throw error; // we no longer know what is durable (I10)
    }
  }

  #copy(log: LogName): Copy {
    const line = `${log.origin}/${log.dataset}`;
    const known = this.#copies.get(line);
    if (known) return known;
    const copy = new Copy(this.#store, log, this.#clock);
    this.#copies.set(line, copy);
    return copy;
  }
}

class Fenced extends Error {}
