import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../core/base/clock.ts';
import { systemRandom } from '../../core/base/random.ts';
import { Constellation, ceremonyOfficers } from '../demo/constellation.ts';
import type { DemoSite } from '../demo/demo-site.ts';
import { loadFile } from '../demo/loading.ts';
import { seenLogs } from '../demo/observe.ts';
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts';
import type { BenchOptions, Outcome } from './measurement.ts';

const county = '430121';
const log = `${county}/enrollment`;
/** The proxy costs time, so bytes are counted in a run of their own. */
const countedRowsMax = 50_000;

/**
 * A county and a province as real processes: the county takes all rows while the province is away; then the
 * time until the province has verified and fsynced them, and until they are in its record tables.
 */
export async function measure({ rows, lines, note }: BenchOptions): Promise<Outcome> {
  const counted = Math.min(rows, countedRowsMax);
  note('Tongbu: bytes on the wire');
  const bytesPerEntry = await withSites(async (sites, folder) => {
    return countBytes(sites, await write(lines(), join(folder, 'rows.csv'), counted), counted);
  });
  note('Tongbu: the county loads, then catches up');
  const { loadMs, durableMs, queryableMs } = await withSites(async (sites, folder) => {
    const path = await write(lines(), join(folder, 'rows.csv'), rows);
    await sites.province.stop();
    const loading = await timed(() => load(sites.county(county), path));
    return { loadMs: loading, ...(await catchUp(sites, rows)) };
  });
  const perSecond = (ms: number) => Math.round(rows / (ms / 1000));
  return {
    figures: {
      durablePerSecond: perSecond(durableMs),
      queryablePerSecond: perSecond(queryableMs),
      loadedPerSecond: perSecond(loadMs),
      bytesPerEntry,
    },
  };
}

/** A new county and province for each measurement, so that all of the rows are caught up with. */
async function withSites<T>(work: (sites: Constellation, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tongbu-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  process.once('exit', remove);
  const sites = new Constellation({
    folder,
    province: { code: '430000', name: 'province' },
    counties: [{ code: county, name: 'county' }],
    nation: false,
    clock: systemClock,
    random: systemRandom,
    say: () => {},
  });
  try {
    await sites.create();
    return await work(sites, folder);
  } finally {
    await sites.stop();
    remove();
    process.off('exit', remove);
  }
}

async function countBytes(sites: Constellation, path: string, rows: number): Promise<number> {
  const node = sites.county(county);
  const proxy: CountingProxy = await startCountingProxy(sites.province.config.listen.port);
  try {
    await node.stop();
    await node.start({ TONGBU_UPLINK_ADDRESS: `127.0.0.1:${proxy.port}` });
    await node.unseal(ceremonyOfficers);
    const before = proxy.bytes();
    await load(node, path);
    await reached(sites.province, rows, 'size');
    return Math.round(((proxy.bytes() - before) / rows) * 10) / 10;
  } finally {
    await node.stop();
    await proxy.close();
  }
}

/** The clock starts when the county's ring opens and its links begin to dial. */
async function catchUp(
  sites: Constellation,
  rows: number,
): Promise<{ durableMs: number; queryableMs: number }> {
  const node = sites.county(county);
  await node.stop();
  await sites.revive(sites.province);
  await node.start();
  await node.unseal(ceremonyOfficers.slice(0, -1));
  const startMs = performance.now();
  await node.unseal(ceremonyOfficers.slice(-1));
  await reached(sites.province, rows, 'size');
  const durableMs = performance.now() - startMs;
  await reached(sites.province, rows, 'recorded');
  return { durableMs, queryableMs: performance.now() - startMs };
}

async function reached(site: DemoSite, wanted: number, figure: 'size' | 'recorded'): Promise<void> {
  for (;;) {
    const held = (await seenLogs(site))?.find((seen) => seen.log === log);
    if ((held?.[figure] ?? 0) >= wanted) return;
    await systemClock.sleep(20);
  }
}

async function load(site: DemoSite, path: string): Promise<void> {
  const file = { site: county, dataset: 'enrollment', entity: '', path, rows: 0, migrated: false };
  const { refused } = await loadFile(site, file, { dryRun: false });
  if (refused > 0) throw new Error(`${refused} rows of the benchmark were refused`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** The header and the first rows as a file; returns its path. */
async function write(lines: AsyncIterable<string>, path: string, rows: number): Promise<string> {
  const file = createWriteStream(path, { mode: 0o600 });
  let number = 0;
  for await (const line of lines) {
    if (number > rows) break;
    number += 1;
    if (!file.write(`${line}\n`)) await once(file, 'drain');
  }
  await new Promise<void>((resolve) => file.end(resolve));
  return path;
}
