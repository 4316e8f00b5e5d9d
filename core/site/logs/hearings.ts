import type { Clock } from '../../base/clock.ts';
import type { Heartbeat } from '../../link/messages.ts';
import type { ReceiverObserver } from '../../link/receiver.ts';
import { type LogName, printLog } from '../../log/batch.ts';
import type { Hearing } from '../open-site.ts';

interface Heard {
  size: number;
  held: number;
  heardMs: number;
  /** When we were first behind and have been since; undefined when we are not. */
  behindSinceMs: number | undefined;
}

/** What the senders of received logs have said: how far behind we are, and for how long. */
export class Hearings {
  readonly #clock: Clock;
  readonly #heard = new Map<string, Heard>();
  readonly #grew: (log: LogName) => void;

  /** `grew` hears of every log of which something new was stored. */
  constructor(clock: Clock, grew: (log: LogName) => void) {
    this.#clock = clock;
    this.#grew = grew;
  }

  /** For the receiver of one session. */
  observer(log: LogName): ReceiverObserver {
    return {
      stored: (size) => {
        this.#update(log, (heard) => ({ size: Math.max(heard.size, size), held: size }));
        this.#grew(log);
      },
      heard: (heartbeat: Heartbeat) => this.#update(log, () => ({ size: heartbeat.size })),
    };
  }

  /** The position that a session began with. */
  opened(log: LogName, size: number): void {
    this.#update(log, (heard) => ({ size: Math.max(heard.size, size), held: size }));
  }

  of(log: LogName): Hearing | undefined {
    const heard = this.#heard.get(printLog(log));
    if (!heard) return undefined;
    const nowMs = this.#clock.monotonicMs();
    return {
      size: heard.size,
      lagEntries: Math.max(0, heard.size - heard.held),
      lagMs: heard.behindSinceMs === undefined ? 0 : nowMs - heard.behindSinceMs,
      heardAgoMs: nowMs - heard.heardMs,
    };
  }

  #update(log: LogName, change: (heard: Heard) => Partial<Heard>): void {
    const nowMs = this.#clock.monotonicMs();
    const name = printLog(log);
    const heard = this.#heard.get(name) ?? { size: 0, held: 0, heardMs: nowMs, behindSinceMs: undefined };
    Object.assign(heard, change(heard), { heardMs: nowMs });
    if (heard.size <= heard.held) heard.behindSinceMs = undefined;
    else heard.behindSinceMs ??= nowMs;
    this.#heard.set(name, heard);
  }
}
