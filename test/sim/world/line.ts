import { fault } from '../../../core/base/errors.ts';
import type { Channel, Peer } from '../../../core/link/channel.ts';
import type { Frame } from '../../../core/link/messages.ts';
import { decodeFrame, encodeFrame } from '../../../core/wire/codec.ts';
import { trustDomain } from '../../support/log-setting.ts';
import type { SimulatedClock } from '../../support/simulated-clock.ts';

/** What the wire between two sites does now. */
export interface Weather {
  down: boolean;
  delayMs: number;
  /** Frames to this site vanish without a word: a half-open line. */
  deaf: string | undefined;
  /** Nothing arrives before then. */
  stalledUntilMs: number;
  /** What becomes of a frame on its way; more than one, or none, or an altered one. */
  meddle(frame: Frame): readonly Frame[];
}

export interface Tap {
  said(line: SimLine, by: string, frame: Frame): void;
  arrived(line: SimLine, at: string, frame: Frame): void;
}

/** Frames that the transport takes before a send waits. */
const transportFrames = 6;

/** One conversation between two sites over the simulated network. */
export class SimLine {
  readonly id: number;
  readonly dialler: SimEnd;
  readonly answerer: SimEnd;
  readonly weather: Weather;
  readonly clock: SimulatedClock;
  readonly tap: Tap;

  constructor(
    id: number,
    sites: readonly [string, string],
    weather: Weather,
    clock: SimulatedClock,
    tap: Tap,
  ) {
    this.id = id;
    this.weather = weather;
    this.clock = clock;
    this.tap = tap;
    this.dialler = new SimEnd(this, sites[0], sites[1]);
    this.answerer = new SimEnd(this, sites[1], sites[0]);
  }

  other(end: SimEnd): SimEnd {
    return end === this.dialler ? this.answerer : this.dialler;
  }

  /** Both ends notice: a reset connection. */
  tear(): void {
    this.dialler.tear();
    this.answerer.tear();
  }
}

export class SimEnd implements Channel {
  readonly site: string;
  readonly peer: Peer;
  readonly #line: SimLine;
  readonly #frames: Frame[] = [];
  #state: 'open' | 'ended' | 'torn' | 'closed' = 'open';
  #underway = 0;
  #lastArrivalMs = 0;
  #lost = false;
  #changed: (() => void)[] = [];

  constructor(line: SimLine, site: string, peerSite: string) {
    this.site = site;
    this.peer = { site: peerSite, trustDomain, role: 'node', name: '', fingerprint: peerSite.repeat(10) };
    this.#line = line;
  }

  async send(frame: Frame): Promise<void> {
    while (this.#state === 'open' && this.#underway >= transportFrames) await this.#change();
    if (this.#state !== 'open') throw fault('TB1442', { site: this.peer.site });
    this.#line.tap.said(this.#line, this.site, frame);
    for (const carried of this.#line.weather.meddle(frame)) this.#carry(decodeFrame(encodeFrame(carried)));
  }

  async receive(): Promise<Frame | undefined> {
    for (;;) {
      if (this.#state === 'torn' || this.#state === 'closed') throw fault('TB1442', { site: this.peer.site });
      const frame = this.#frames.shift();
      if (frame) {
        this.#line.other(this).#taken();
        return frame;
      }
      if (this.#state === 'ended') return undefined;
      await this.#change();
    }
  }

  close(): void {
    if (this.#state === 'closed') return;
    const wasTorn = this.#state === 'torn';
    this.#turn('closed');
    if (!wasTorn) this.#later(() => this.#line.other(this).#end());
  }

  tear(): void {
    if (this.#state !== 'closed') this.#turn('torn');
  }

  #carry(frame: Frame): void {
    this.#underway += 1;
    this.#later(() => {
      const other = this.#line.other(this);
      if (other.#state !== 'open') return;
      this.#line.tap.arrived(this.#line, other.site, frame);
      other.#frames.push(frame);
      other.#wake();
    });
  }

  /** In order, after the delay and any stall; never, towards a site that the line no longer reaches. */
  #later(act: () => void): void {
    const { weather, clock } = this.#line;
    // A stream that lost something has lost all that follows: nothing is delivered out of order.
    this.#lost ||= weather.deaf === this.peer.site;
    if (this.#lost) return;
    const now = clock.elapsedMs;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, now + weather.delayMs, weather.stalledUntilMs);
    clock.at(this.#lastArrivalMs, act);
  }

  #taken(): void {
    this.#underway -= 1;
    this.#wake();
  }

  #end(): void {
    if (this.#state === 'open') this.#turn('ended');
  }

  #turn(state: 'ended' | 'torn' | 'closed'): void {
    this.#state = state;
    this.#wake();
  }

  #wake(): void {
    for (const changed of this.#changed.splice(0)) changed();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }
}
