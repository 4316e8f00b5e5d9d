import { systemClock } from '../../core/base/clock.ts';
import { Fault } from '../../core/base/errors.ts';
import { type Random, seededRandom } from '../../core/base/random.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { TestConstellation } from './constellation.ts';
import { catalogRows, countyRows, putRows, type RowObject } from './rows.ts';

const counties = ['430121', '430105'] as const;
const catalog = '430000/catalog';

/** What the contract keeps from the nation. */
const withheld = /\/persons$/;

export interface KillPlan {
  readonly kills: number;
  readonly seed: number;
  /** Persons whose rows a county loads between two kills. */
  readonly persons: number;
}

/** What is lost, doubled or different at the end, in words; and where the kills fell. */
export interface KillReport {
  readonly faults: readonly string[];
  readonly killed: ReadonlyMap<string, number>;
  readonly interrupted: number;
}

/**
 * Loads go on at every county and at the province, and again and again one process dies. Each round has rows
 * of its own; whoever was interrupted gets its rows again, as a clerk would do it.
 */
export class RandomKills {
  readonly #plan: KillPlan;
  readonly #random: Random;
  readonly #world: TestConstellation;
  readonly #killed = new Map<string, number>();
  readonly #rows = new Map<string, readonly RowObject[]>();
  #interrupted = 0;

  private constructor(plan: KillPlan, world: TestConstellation) {
    this.#plan = plan;
    this.#random = seededRandom(plan.seed);
    this.#world = world;
    const { kills, persons } = plan;
    for (const county of counties) {
      for (const [dataset, rows] of Object.entries(countyRows(county, persons * (kills + 1)))) {
        this.#rows.set(`${county}/${dataset}`, rows);
      }
    }
    this.#rows.set(catalog, catalogRows(10 * (kills + 1)));
  }

  static async run(plan: KillPlan): Promise<KillReport> {
    const world = await TestConstellation.start({ nation: true, counties });
    try {
      return await new RandomKills(plan, world).#run();
    } finally {
      await world.close();
    }
  }

  async #run(): Promise<KillReport> {
    for (let round = 0; round < this.#plan.kills; round += 1) await this.#round(round);
    await this.#load(this.#plan.kills);
    await this.#converge();
    return { faults: await this.#faults(), killed: this.#killed, interrupted: this.#interrupted };
  }

  async #round(round: number): Promise<void> {
    const { sites } = this.#world.all;
    const victim = sites[Math.floor(this.#random.uniform() * sites.length)];
    if (!victim) throw new RangeError('a constellation has sites');
    // The moment itself, not a wait for something: from before the first row to after the last batch.
    const afterMs = this.#random.uniform() * 400;
    const loading = this.#load(round);
    await systemClock.sleep(afterMs);
    await victim.kill();
    const unfinished = await loading;
    this.#killed.set(victim.location.tier, (this.#killed.get(victim.location.tier) ?? 0) + 1);
    await this.#world.revive(victim);
    for (const log of unfinished) await this.#put(log, round);
    this.#interrupted += unfinished.length;
  }

  /** Every origin loads at once. Answers the logs whose origin died before it had answered for all rows. */
  async #load(round: number): Promise<readonly string[]> {
    const origins = [...Map.groupBy(this.#rows.keys(), (log) => log.slice(0, 6)).values()];
    const unfinished = await Promise.all(
      origins.map(async (logs) => {
        for (const [i, log] of logs.entries()) {
          try {
            await this.#put(log, round);
          } catch (error) {
            if (!(error instanceof Fault)) throw error;
            return logs.slice(i);
          }
        }
        return [];
      }),
    );
    return unfinished.flat();
  }

  /** The rows of one round, in several calls, so that a kill finds some stored and some not. */
  async #put(log: string, round: number): Promise<void> {
    const rows = this.#rows.get(log) ?? [];
    const share = Math.ceil(rows.length / (this.#plan.kills + 1));
    const own = rows.slice(round * share, (round + 1) * share);
    const calls = 4;
    const step = Math.ceil(own.length / calls);
    const dataset = log.slice(7);
    for (let from = 0; from < own.length; from += step) {
      const { problems } = await putRows(this.#originOf(log), dataset, own.slice(from, from + step));
      const refused = problems.filter(({ severity }) => severity === 'reject');
      if (refused.length > 0) throw new Error(`${log}: rule ${refused[0]?.rule ?? ''} refuses made-up rows`);
    }
  }

  async #converge(): Promise<void> {
    for (const [log, { length }] of this.#rows) {
      for (const site of this.#holders(log)) await this.#world.arrived(site, log, length);
    }
  }

  async #faults(): Promise<string[]> {
    const faults: string[] = [];
    const verified = await this.#world.verified();
    for (const [log, rows] of this.#rows) {
      const roots = new Set<string>();
      for (const { code } of this.#holders(log)) {
        const found = verified.get(code)?.get(log);
        if (!found?.whole) faults.push(`${log} at ${code} is not whole`);
        // Every row is new, so a sound log has exactly one entry for each.
        if (found?.size !== rows.length) faults.push(`${log} at ${code}: ${found?.size} of ${rows.length}`);
        if (found?.duplicates !== 0) faults.push(`${log} at ${code}: ${found?.duplicates} doubled`);
        roots.add(found?.root ?? '');
      }
      if (roots.size !== 1) faults.push(`${log}: ${roots.size} different roots`);
      const dryRun = await putRows(this.#originOf(log), log.slice(7), rows.slice(0, 4_000), { dryRun: true });
      if (dryRun.accepted > 0) faults.push(`${log}: ${dryRun.accepted} rows are missing in the tables`);
    }
    const leaked = [...(verified.get('100000')?.keys() ?? [])].filter((log) => withheld.test(log));
    return [...faults, ...leaked.map((log) => `the nation holds ${log}`)];
  }

  #originOf(log: string): DemoSite {
    const { all } = this.#world;
    return log === catalog ? all.province : all.county(log.slice(0, 6));
  }

  #holders(log: string): readonly DemoSite[] {
    const { all } = this.#world;
    if (log === catalog) return all.sites;
    const above = withheld.test(log) ? [all.province] : [all.province, all.nation];
    return [this.#originOf(log), ...above];
  }
}
