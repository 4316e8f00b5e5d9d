import { unreachable } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { Channel } from './channel.ts';
import { limits } from './limits.ts';
import { Mailbox } from './mailbox.ts';
import type { Hello } from './messages.ts';
import type { SendingLog } from './ports.ts';
import {
  openSender,
  type SenderEffect,
  type SenderEvent,
  type SenderState,
  type SessionEnd,
  stepSender,
} from './sender-session.ts';
import { SessionInput } from './session-input.ts';

/** What others may know of a running session. */
export interface SessionView {
  /** Entries that the receiver durably holds. */
  readonly position: number;
  /** Entries of the log as its sender knows them. */
  readonly size: number;
  readonly heardMs: number;
}

/**
 * The sending end: reads its log, speaks through a channel, and remembers nothing beyond the session (I5).
 */
export class Sender {
  readonly #channel: Channel;
  readonly #log: SendingLog;
  readonly #clock: Clock;
  readonly #mailbox = new Mailbox<SenderEvent>(limits.framesAhead);
  #state: SenderState;
  #size = 0;

  /** `peer` is the other side's hello when it dialled us. */
  constructor(channel: Channel, log: SendingLog, self: Hello, peer: Hello | undefined, clock: Clock) {
    this.#channel = channel;
    this.#log = log;
    this.#clock = clock;
    this.#state = openSender(self, peer);
  }

  /** The log may have grown: a hint, never data. */
  grew(): void {
    this.#mailbox.post({ kind: 'grew' });
  }

  /** Ends at the next batch border, with `finished`: the log goes on over another connection. */
  finish(): void {
    this.#mailbox.post({ kind: 'finish' });
  }

  view(): SessionView {
    return { position: this.#state.acked, size: this.#size, heardMs: this.#state.heardMs };
  }

  /** Ends with the reason, or throws a retryable fault when the channel breaks. */
  async run(signal: AbortSignal): Promise<SessionEnd> {
    const input = new SessionInput(this.#channel, this.#clock, this.#mailbox);
    this.#mailbox.post({ kind: 'opened', atMs: this.#clock.monotonicMs() });
    input.start(signal);
    try {
      for (;;) {
        const [state, effects] = stepSender(this.#state, await this.#mailbox.next());
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

  async #perform(effect: Exclude<SenderEffect, { do: 'end' }>): Promise<void> {
    switch (effect.do) {
      case 'say':
        return this.#channel.send(effect.frame);
      case 'beat': {
        const head = await this.#log.head();
        this.#size = head.size;
        return this.#channel.send({ kind: 'heartbeat', timeMs: this.#clock.nowMs(), ...head });
      }
      case 'compare': {
        const verdict = await this.#log.compare(effect.position);
        this.#mailbox.post({ kind: 'compared', verdict });
        return;
      }
      case 'read':
        // Not awaited: acks are handled while the next batch is read.
        void this.#log.read(effect.from, effect.bounds).then(
          (batch) => {
            this.#size = Math.max(this.#size, batch ? batch.first + batch.count : effect.from);
            this.#mailbox.post({ kind: 'read', batch });
          },
          (error: unknown) => this.#mailbox.fail(error),
        );
        return;
      case 'keep':
        return this.#log.keep(effect.ack);
      default:
        return unreachable(effect);
    }
  }
}
