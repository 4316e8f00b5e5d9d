import type { Clock } from '../base/clock.ts';
import { Fault, fault } from '../base/errors.ts';
import type { Channel } from './channel.ts';
import { limits } from './limits.ts';
import type { Mailbox } from './mailbox.ts';
import type { Frame } from './messages.ts';

/** What reaches either session from outside. */
export type Inbound =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly atMs: number }
  /** A frame that does not parse. */
  | { readonly kind: 'malformed'; readonly text: string }
  | { readonly kind: 'tick'; readonly atMs: number };

/** Frames, ticks and the end of one conversation, as events of its session. */
export class SessionInput {
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #mailbox: Pick<Mailbox<Inbound>, 'post' | 'fail' | 'room'>;
  readonly #stop = new AbortController();
  #heardMs: number;

  constructor(channel: Channel, clock: Clock, mailbox: Pick<Mailbox<Inbound>, 'post' | 'fail' | 'room'>) {
    this.#channel = channel;
    this.#clock = clock;
    this.#mailbox = mailbox;
    this.#heardMs = clock.monotonicMs();
  }

  /** Begins; an abort of `signal` ends the session, whatever it waits for. */
  start(signal: AbortSignal): void {
    const aborted = () => {
      this.#mailbox.fail(fault('TB1443'));
      this.#channel.close(); // the session may be waiting for a transport that takes nothing
    };
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted, { signal: this.#stop.signal });
    void this.#listen();
    void this.#tick();
  }

  stop(): void {
    this.#stop.abort();
    this.#channel.close();
  }

  /** A broken or ended channel ends the session with a retryable fault. */
  async #listen(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const frame = await this.#channel.receive();
        if (!frame) return this.#mailbox.fail(fault('TB1442', { site: this.#channel.peer.site }));
        this.#heardMs = this.#clock.monotonicMs();
        this.#mailbox.post({ kind: 'frame', frame, atMs: this.#heardMs });
      } catch (error) {
        if (!(error instanceof Fault && error.code === 'TB1401')) return this.#mailbox.fail(error);
        this.#mailbox.post({ kind: 'malformed', text: error.message });
      }
      // Reading no further slows the other side; the session handles one frame after another.
      await this.#mailbox.room();
    }
  }

  /**
   * The session itself finds silence, unless a dead line makes it wait for its own words to leave: closing
   * the channel then sets it free.
   */
  async #tick(): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      await this.#clock.sleep(limits.heartbeatMs / 2, signal);
      if (signal.aborted) return;
      const atMs = this.#clock.monotonicMs();
      if (atMs - this.#heardMs > limits.silenceMs + limits.heartbeatMs) this.#channel.close();
      this.#mailbox.post({ kind: 'tick', atMs });
    }
  }
}
