import { unreachable } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import type { Batch } from '../log/batch.ts';
import type { Channel } from './channel.ts';
import { limits } from './limits.ts';
import { Mailbox } from './mailbox.ts';
import type { Heartbeat, Hello } from './messages.ts';
import type { ReceivingLog } from './ports.ts';
import {
  openReceiver,
  type ReceiverEffect,
  type ReceiverEvent,
  type ReceiverState,
  stepReceiver,
} from './receiver-session.ts';
import type { SessionView } from './sender.ts';
import type { SessionEnd } from './sender-session.ts';
import { SessionInput } from './session-input.ts';

/** Told of what a session learns: batches stored, the sender's size and clock. */
export interface ReceiverObserver {
  stored(size: number): void;
  heard(heartbeat: Heartbeat): void;
}

/** The receiving end: it answers a position only after the log has it on the disk (I3). */
export class Receiver {
  readonly #channel: Channel;
  readonly #log: ReceivingLog;
  readonly #clock: Clock;
  readonly #observer: ReceiverObserver;
  readonly #mailbox = new Mailbox<ReceiverEvent>(limits.framesAhead);
  #state: ReceiverState;
  #size = 0;
  /** Stores under way; one rejects only with what must end the process. */
  readonly #storing = new Set<Promise<void>>();

  /** `peer` is the other side's hello when it dialled us. */
  constructor(
    channel: Channel,
    log: ReceivingLog,
    self: Hello,
    peer: Hello | undefined,
    clock: Clock,
    observer: ReceiverObserver,
  ) {
    this.#channel = channel;
    this.#log = log;
    this.#clock = clock;
    this.#observer = observer;
    this.#state = openReceiver(self, peer);
  }

  /** Ends when what has arrived is stored and answered, with `finished`. */
  finish(): void {
    this.#mailbox.post({ kind: 'finish' });
  }

  view(): SessionView {
    const { size, heardMs } = this.#state;
    return { position: size, size: Math.max(size, this.#size), heardMs };
  }

  /** Ends with the reason, or throws a retryable fault when the channel breaks. */
  async run(signal: AbortSignal): Promise<SessionEnd> {
    try {
      return await this.#converse(signal);
    } finally {
      // What the disk answers is heard even when nobody waits for it any more: it may be fatal (I10).
      await Promise.all(this.#storing);
    }
  }

  async #converse(signal: AbortSignal): Promise<SessionEnd> {
    const input = new SessionInput(this.#channel, this.#clock, this.#mailbox);
    this.#mailbox.post({ kind: 'opened', atMs: this.#clock.monotonicMs() });
    input.start(signal);
    try {
      for (;;) {
        const [state, effects] = stepReceiver(this.#state, await this.#mailbox.next());
        this.#state = state;
        for (const effect of effects) {
          if (effect.do === 'end') return effect.reason;
          await this.#perform(effect);
        }
      }
    } finally {
      input.stop();
    }
  }

  async #perform(effect: Exclude<ReceiverEffect, { do: 'end' }>): Promise<void> {
    switch (effect.do) {
      case 'say':
        return this.#channel.send(effect.frame);
      case 'beat':
        return this.#channel.send({
          kind: 'heartbeat',
          timeMs: this.#clock.nowMs(),
          size: this.#state.size,
          checkpoint: new Uint8Array(),
          newestMs: 0,
        });
      case 'open':
        this.#mailbox.post({ kind: 'positioned', position: await this.#log.open() });
        return;
      case 'store':
        // Not awaited: several batches under way share one fsync; the log answers them in order.
        this.#store(effect.batch);
        return;
      case 'note':
        this.#size = effect.heartbeat.size;
        this.#observer.heard(effect.heartbeat);
        return;
      default:
        return unreachable(effect);
    }
  }

  #store(batch: Batch): void {
    const storing = this.#answer(batch);
    this.#storing.add(storing);
    storing.then(
      () => this.#storing.delete(storing),
      () => undefined, // stays, for `run`
    );
  }

  async #answer(batch: Batch): Promise<void> {
    try {
      const outcome = await this.#log.store(batch);
      if (outcome.kind === 'accepted') this.#observer.stored(outcome.size);
      this.#mailbox.post({ kind: 'stored', outcome });
    } catch (error) {
      this.#mailbox.fail(error);
      if (!(error instanceof Fault && error.retry)) throw error;
    }
  }
}
