import type { Clock } from '../base/clock.ts';
import { Fault, fault } from '../base/errors.ts';
import { Loop, type Round } from '../base/loop.ts';
import type { Random } from '../base/random.ts';
import { type LogName, printLog } from '../log/batch.ts';
import type { Channel } from './channel.ts';
import { limits } from './limits.ts';
import type { ReceivingLog, SendingLog } from './ports.ts';
import { helloOf } from './protocol.ts';
import { Receiver, type ReceiverObserver } from './receiver.ts';
import { Sender } from './sender.ts';
import type { SessionEnd } from './sender-session.ts';

export type LaneEnd =
  | { readonly direction: 'push'; readonly log: SendingLog }
  | { readonly direction: 'pull'; readonly log: ReceivingLog; readonly observer: ReceiverObserver };

export interface LaneOptions {
  readonly name: LogName;
  readonly end: LaneEnd;
  /** Our own site code, for the hello. */
  readonly site: string;
  readonly peerSite: string;
  dial(direction: 'push' | 'pull'): Promise<Channel>;
  readonly clock: Clock;
  readonly random: Random;
  changed(view: LaneView): void;
}

export interface LaneView {
  readonly log: string;
  readonly direction: 'push' | 'pull';
  readonly peer: string;
  readonly state: 'connecting' | 'live' | 'waiting' | 'stopped';
  /** Entries that the receiving side durably holds, as far as we were told. */
  readonly position: number;
  /** Entries of the log as its sender knows them. */
  readonly size: number;
  /** How long ago the other side was heard, ms; undefined before the first word. */
  readonly heardAgoMs: number | undefined;
  /** Why the last session ended, while none is live. */
  readonly problem: Fault | undefined;
}

/** Longest wait after a session that had worked. */
const reconnectMs = 2_000;

/** One log in one direction from the dialler's side: connects, runs a session, backs off, connects again. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #loop: Loop;
  #session: Sender | Receiver | undefined;
  #state: LaneView['state'] = 'connecting';
  #problem: Fault | undefined;
  /** Grows with `renew`: a session that was dialled before it must not stay. */
  #renewals = 0;
  #last = { position: 0, size: 0, heardMs: 0 };

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#loop = new Loop({
      name: `lane ${printLog(options.name)}`,
      clock: options.clock,
      random: options.random,
      intervalMs: 1_000,
      backoffMinMs: 250,
      backoffMaxMs: 30_000,
      once: (signal) => this.#once(signal),
      failed: (error) => {
        this.#problem = error;
        this.#turn('waiting');
      },
    });
  }

  async run(): Promise<void> {
    try {
      await this.#loop.run();
    } finally {
      this.#turn('stopped');
    }
  }

  stop(): void {
    this.#loop.stop();
  }

  /**
   * The log grew. A lane that waits goes on waiting, or every new entry would dial a hub that is down; it
   * reads the log anew when it is back.
   */
  wake(): void {
    if (this.#session instanceof Sender) this.#session.grew();
  }

  /**
   * The next session gets another connection (`dial` knows which): the one that runs ends at a batch border
   * and the next begins at once, as does one that waits for its turn to try again.
   */
  renew(): void {
    this.#renewals += 1;
    if (this.#session) this.#session.finish();
    else this.#loop.wake();
  }

  view(): LaneView {
    const { name, end, peerSite, clock } = this.#options;
    this.#remember();
    const { position, size, heardMs } = this.#last;
    return {
      log: printLog(name),
      direction: end.direction,
      peer: peerSite,
      state: this.#state,
      position,
      size,
      heardAgoMs: heardMs === 0 ? undefined : clock.monotonicMs() - heardMs,
      problem: this.#state === 'live' ? undefined : this.#problem,
    };
  }

  async #once(signal: AbortSignal): Promise<Round> {
    const { end, name, site, clock, random } = this.#options;
    this.#turn('connecting');
    const renewals = this.#renewals;
    const channel = await this.#options.dial(end.direction);
    const hello = helloOf(site, name);
    const before = { atMs: clock.monotonicMs(), position: this.#last.position };
    const session =
      end.direction === 'push'
        ? new Sender(channel, end.log, hello, undefined, clock)
        : new Receiver(channel, end.log, hello, undefined, clock, end.observer);
    this.#session = session;
    if (renewals !== this.#renewals) session.finish();
    this.#turn('live');
    try {
      const end = await session.run(signal);
      if (end.code === 'finished') return 'busy';
      throw sessionFault(end, name, this.#options.peerSite, session.view());
    } catch (error) {
      if (signal.aborted || !(error instanceof Fault) || !error.retry || !this.#worked(session, before))
        throw error;
      // It worked until now, so the wait begins anew: short, and not in step with others.
      this.#problem = error;
      this.#turn('waiting');
      await clock.sleep(reconnectMs * random.uniform(), signal);
      return 'busy';
    } finally {
      this.#remember();
      this.#session = undefined;
    }
  }

  /** A session knows nothing before the other side has spoken; what the last one knew stands until then. */
  #remember(): void {
    const seen = this.#session?.view();
    if (!seen || seen.heardMs === 0) return;
    const { position, size } = this.#last;
    this.#last = { position: seen.position || position, size: seen.size || size, heardMs: seen.heardMs };
  }

  /** The session carried something, or lived and was answered. */
  #worked(session: Sender | Receiver, before: { atMs: number; position: number }): boolean {
    const { position, heardMs } = session.view();
    const livedMs = heardMs > 0 ? this.#options.clock.monotonicMs() - before.atMs : 0;
    return position > before.position || livedMs >= limits.silenceMs;
  }

  #turn(state: LaneView['state']): void {
    this.#state = state;
    this.#options.changed(this.view());
  }
}

/** Every end of a session leads to another attempt; the code says what to show meanwhile. */
export function sessionFault(
  end: SessionEnd,
  name: LogName,
  site: string,
  view: { readonly position: number; readonly size: number },
): Fault {
  const log = printLog(name);
  if (end.by === 'us' && end.code === 'ahead') {
    return fault('TB1441', { log, theirs: view.position, ours: view.size });
  }
  const text = end.text.slice(0, limits.refusalTextBytes);
  if (end.by === 'us') return fault('TB1446', { log, refusal: end.code, text });
  return fault('TB1445', { site, log, refusal: end.code, text });
}
