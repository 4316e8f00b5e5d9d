import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../core/base/clock.ts';
import { systemRandom } from '../../core/base/random.ts';
import { Constellation } from '../../scripts/demo/constellation.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { checkedLogs, type SeenLog, seenLogs } from '../../scripts/demo/observe.ts';
import { compileCache } from './command.ts';
import { until } from './until.ts';

export interface TestPlan {
  readonly nation: boolean;
  readonly counties: readonly string[];
}

const pids = new Set<number>();
process.on('exit', () => {
  for (const pid of pids) endProcess(pid);
});

/** The demonstration's sites as real processes in a folder of their own; `close` leaves nothing behind. */
export class TestConstellation {
  readonly folder: string;
  readonly all: Constellation;

  private constructor(folder: string, all: Constellation) {
    this.folder = folder;
    this.all = all;
  }

  static async start({ nation, counties }: TestPlan): Promise<TestConstellation> {
    // Sites inherit the environment.
    Object.assign(process.env, compileCache);
    const folder = mkdtempSync(join(tmpdir(), 'tongbu-system-'));
    const all = new Constellation({
      folder,
      nation,
      province: { code: '430000', name: '湖南省' },
      counties: counties.map((code) => ({ code, name: `样例县${code}` })),
      clock: systemClock,
      random: systemRandom,
      say: () => {
        for (const { pid } of all.sites) if (pid !== undefined) pids.add(pid);
      },
    });
    const made = new TestConstellation(folder, all);
    try {
      await all.create();
    } catch (error) {
      await made.close();
      throw error;
    }
    return made;
  }

  /** Starts and opens a site that was killed or stopped. */
  async revive(site: DemoSite): Promise<void> {
    await this.all.revive(site);
    if (site.pid !== undefined) pids.add(site.pid);
  }

  /** SIGKILL to all: nothing of a test is worth a graceful end. */
  async close(): Promise<void> {
    await Promise.all(this.all.sites.map((site) => site.kill()));
    for (const pid of pids) endProcess(pid);
    pids.clear();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A log as a site shows it; undefined while the site does not answer or has none. */
  async look(site: DemoSite, log: string): Promise<SeenLog | undefined> {
    return (await seenLogs(site))?.find((seen) => seen.log === log);
  }

  /** Until the site holds at least `size` entries of the log. */
  async arrived(site: DemoSite, log: string, size: number, seconds?: number): Promise<SeenLog> {
    return until(
      `${size} entries of ${log} at ${site.code}`,
      async () => {
        const seen = await this.look(site, log);
        return seen && seen.size >= size ? seen : undefined;
      },
      seconds,
    );
  }

  /** What every site finds when it hashes its disk again, by site code and log. */
  async verified(): Promise<Map<string, Map<string, Awaited<ReturnType<typeof checkedLogs>>[number]>>> {
    const { signal } = new AbortController();
    const found = await Promise.all(
      this.all.sites.map(async (site) => {
        const logs = await checkedLogs(site, signal);
        return [site.code, new Map(logs.map((checked) => [checked.log, checked]))] as const;
      }),
    );
    return new Map(found);
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone, which is all that is wanted.
  }
}
