import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Channel } from '../../link/channel.ts';
import { Lane, type LaneEnd, type LaneView } from '../../link/lane.ts';
import { type LogName, printLog } from '../../log/batch.ts';
import { type Destination, SiteClient } from '../../wire/site-client.ts';
import type { Lists } from '../../wire/tls-material.ts';
import type { OwnIdentity, Trust } from '../trust/trust.ts';

export interface UplinkOptions {
  readonly site: string;
  readonly destination: Destination;
  /** The certificate towards the hub above, as of now. */
  own(): OwnIdentity;
  /** Whom to believe there; it tells of every change, also of the own certificate. */
  readonly trust: Trust;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A lane ended for good: a defect, or the loss of certainty about the disk (I10). */
  failed(error: unknown): void;
}

/**
 * A site's link to the hub above: a lane for each log in each direction, all on one connection.
 *
 * A renewed certificate moves the lanes at batch borders to a new connection. New lists or revocations do
 * not: the hub's certificate is examined anew, and the next connection is made by them. While the lists are
 * expired only the registry is pulled, because it brings newer ones; everything else waits.
 */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #client: SiteClient;
  readonly #forget: () => void;
  readonly #lanes = new Map<string, Lane>();
  readonly #running: Promise<void>[] = [];
  #lists: Lists;
  #shown: OwnIdentity;

  constructor(options: UplinkOptions) {
    const { own, trust, destination, clock } = options;
    const shown = own();
    this.#options = options;
    this.#lists = trust.lapsed().length === 0 ? 'checked' : 'lapsed';
    this.#shown = shown;
    const material = trust.materialOf(shown);
    this.#client = new SiteClient(material, destination, trust.examine, clock, this.#lists);
    this.#forget = trust.onChange(() => this.#changed());
  }

  /** Begins to replicate a log; idempotent. */
  carry(name: LogName, end: LaneEnd): void {
    const id = `${end.direction} ${printLog(name)}`;
    if (this.#lanes.has(id)) return;
    const { site, destination, clock, random, logger } = this.#options;
    let told = '';
    const lane = new Lane({
      name,
      end,
      site,
      peerSite: destination.site,
      dial: async (direction) => this.#dial(direction, name),
      clock,
      random,
      changed: ({ state, problem }) => {
        const line = `${state} ${problem?.code ?? ''}`;
        // A lane that waits and tries again says so once, not at every attempt.
        if (state === 'waiting' && line !== told)
          logger.warn('lane waits', { log: printLog(name), error: problem });
        if (state === 'live' && told.startsWith('waiting'))
          logger.info('lane is back', { log: printLog(name) });
        if (state === 'waiting' || state === 'live') told = line;
      },
    });
    this.#lanes.set(id, lane);
    this.#running.push(lane.run().catch((error: unknown) => this.#options.failed(error)));
  }

  /** Own entries, or entries to be forwarded, have grown. */
  grew(name: LogName): void {
    this.#lanes.get(`push ${printLog(name)}`)?.wake();
  }

  views(): LaneView[] {
    return [...this.#lanes.values()].map((lane) => lane.view());
  }

  async close(): Promise<void> {
    this.#forget();
    for (const lane of this.#lanes.values()) lane.stop();
    await Promise.all(this.#running);
    this.#client.close();
  }

  #dial(direction: 'push' | 'pull', name: LogName): Channel {
    const { own, trust } = this.#options;
    const [lapsed] = trust.lapsed();
    if (lapsed) {
      if (direction !== 'pull' || name.dataset !== 'registry') throw lapsed;
      if (this.#lists === 'checked') this.#client.replace(trust.materialOf(own()), 'lapsed');
      this.#lists = 'lapsed';
    }
    return this.#client.dial(direction);
  }

  #changed(): void {
    const { own, trust } = this.#options;
    if (trust.lapsed().length > 0) return this.#client.recheck();
    const shown = own();
    const moved = this.#lists === 'lapsed' || shown !== this.#shown;
    this.#client.replace(trust.materialOf(shown));
    this.#lists = 'checked';
    this.#shown = shown;
    this.#client.recheck();
    if (moved) for (const lane of this.#lanes.values()) lane.renew();
  }
}
