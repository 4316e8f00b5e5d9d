import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { Lane, type LaneEnd, type LaneView } from '../link/lane.ts';
import { type LogName, printLog } from '../log/batch.ts';
import type { SiteClient } from '../wire/site-client.ts';

export interface UplinkOptions {
  readonly client: SiteClient;
  readonly site: string;
  readonly peerSite: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A lane ended for good: a defect, or the loss of certainty about the disk (I10). */
  failed(error: unknown): void;
}

/** A site's link to the hub above: a lane for each log in each direction, all on one connection. */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #running: Promise<void>[] = [];

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  /** Begins to replicate a log; idempotent. */
  carry(name: LogName, end: LaneEnd): void {
    const id = `${end.direction} ${printLog(name)}`;
    if (this.#lanes.has(id)) return;
    const { client, site, peerSite, clock, random, logger } = this.#options;
    let told = '';
    const lane = new Lane({
      name,
      end,
      site,
      peerSite,
      dial: async (direction) => client.dial(direction),
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
    for (const lane of this.#lanes.values()) lane.stop();
    await Promise.all(this.#running);
    this.#options.client.close();
  }
}
