import { equal } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { fault } from '../../base/errors.ts';
import type { Ack } from '../../link/messages.ts';
import type { Head, SendingLog } from '../../link/ports.ts';
import { type Batch, type BatchBounds, type LogName, type Position, printLog } from '../../log/batch.ts';
import type { ChangeLog } from '../../log/change-log.ts';
import { verifyCosignature } from '../../log/cosignature.ts';
import type { VerifierKey } from '../../log/keys.ts';
import { LogNodes } from '../../log/log-nodes.ts';
import type { LogState, LogStore } from '../../log/log-store.ts';
import { rootAt } from '../../log/proof.ts';
import { RightEdge } from '../../log/right-edge.ts';

/**
 * The reading side of any stored log: an own one is cut (signed) when its receiver wants more than was
 * signed so far; a received one goes on as it came. The same object serves every receiver.
 */
export class SendingStore {
  readonly #store: LogStore;
  readonly #name: LogName;
  readonly #own: ChangeLog | undefined;
  readonly #clock: Clock;

  constructor(store: LogStore, name: LogName, own: ChangeLog | undefined, clock: Clock) {
    this.#store = store;
    this.#name = name;
    this.#own = own;
    this.#clock = clock;
  }

  head(): Head {
    const state = this.#state();
    const newest = state && this.#store.newestCheckpoint(state.id);
    return {
      size: state?.size ?? 0,
      checkpoint: newest?.checkpoint ?? new Uint8Array(),
      newestMs: state?.newestMs ?? 0,
    };
  }

  compare(position: Position): 'same' | 'ahead' | 'fork' {
    const state = this.#state();
    if (position.size > (state?.signed ?? 0)) return 'ahead';
    if (!state || position.size === 0)
      return equal(position.root, RightEdge.empty().root()) ? 'same' : 'fork';
    const held = this.#store.segmentEnding(state.id, position.size);
    const root = held?.root ?? rootAt(position.size, new LogNodes(this.#store, state));
    return equal(root, position.root) ? 'same' : 'fork';
  }

  read(from: number, bounds: BatchBounds): Batch | undefined {
    const state = this.#state();
    if (!state) return undefined;
    if (from >= state.signed && !(this.#own && state.size > state.signed && this.#own.cut(bounds))) {
      return undefined;
    }
    return this.#store.readBatch(state.id, from, bounds);
  }

  /**
   * Stores the receipt after proving it against our own note of that size (SECURITY: a receipt is evidence).
   */
  keep(ack: Ack, receiver: VerifierKey, site: string): void {
    const state = this.#state();
    const segment = state && this.#store.segmentEnding(state.id, ack.size);
    const refused = () => fault('TB1444', { log: printLog(this.#name), size: ack.size, site });
    if (!state || !segment) throw refused();
    try {
      verifyCosignature(segment.checkpoint, ack.cosignature, receiver);
    } catch (error) {
      throw Object.assign(refused(), { cause: error });
    }
    this.#store.database.transaction(() => {
      this.#store.database
        .prepare(
          `INSERT INTO receipt (log_id, receiver, size, cosignature, received_ms) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET size = excluded.size, cosignature = excluded.cosignature,
             received_ms = excluded.received_ms WHERE excluded.size > size`,
        )
        .run(state.id, receiver.name, ack.size, ack.cosignature, this.#clock.nowMs());
    });
  }

  /** The port of core/link for one receiver, whose mirror key proves its acks. */
  for(receiver: () => VerifierKey, site: string): SendingLog {
    return {
      head: async () => this.head(),
      compare: async (position) => this.compare(position),
      read: async (from, bounds) => this.read(from, bounds),
      keep: async (ack) => this.keep(ack, receiver(), site),
    };
  }

  #state(): LogState | undefined {
    return this.#store.find(this.#name);
  }
}
