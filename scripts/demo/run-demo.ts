import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../../core/base/errors.ts';
import type { CliContext } from '../../core/cli/context.ts';
import { formatCount, formatDuration } from '../../core/cli/table.ts';
import { countyOf } from '../generate/counties.ts';
import { Constellation } from './constellation.ts';
import type { DemoOptions } from './demo-options.ts';
import type { DemoSite } from './demo-site.ts';
import { compareTiers, type DemoFigures, type LogFigures, missingEntries } from './figures.ts';
import { type LoadSummary, loadFile, tryLoad } from './loading.ts';
import { Narration } from './narration.ts';
import { checkedLogs, seenLogs } from './observe.ts';
import { proveOneClaim } from './prove-claim.ts';
import { convertedWork, generatedWork, type WorkFile } from './workload.ts';

const provinceCode = '430000';
const countyCodes = ['430121', '430105', '430703'] as const;
const agreeSeconds = 300;

/** The main job from beginning to end, with real processes, told as it happens. */
export class DemoRun {
  readonly #context: CliContext;
  readonly #options: DemoOptions;
  readonly #tell: Narration;
  readonly #all: Constellation;
  #keeping = false;
  #accepted = 0;
  #refused = 0;

  constructor(context: CliContext, options: DemoOptions) {
    const { clock, random } = context;
    this.#context = context;
    this.#options = options;
    this.#tell = new Narration(context);
    this.#all = new Constellation({
      folder: options.folder,
      province: { code: provinceCode, name: '湖南省' },
      nation: true,
      counties: countyCodes.map((code) => ({ code, name: countyOf(code).name })),
      clock,
      random,
      say: (step) => this.#tell.step(step),
    });
  }

  /** The figures, with everything cleaned up. Throws TB1018 when it was interrupted. */
  async run(): Promise<DemoFigures> {
    const performing = this.#perform();
    try {
      return await Promise.race([performing, this.#interrupted()]);
    } finally {
      await this.#all.stop();
      // Its sites are gone, so it ends by itself; before that it could still write into the folder.
      await performing.catch(() => undefined);
      if (!this.#options.keepData) rmSync(this.#options.folder, { recursive: true, force: true });
    }
  }

  async #perform(): Promise<DemoFigures> {
    const { clock, signal } = this.#context;
    this.#tell.chapter({ en: 'Five sites, five processes', zh: '五个站点，五个进程' });
    await this.#all.create();
    const work = await this.#prepare();
    const startMs = clock.monotonicMs();
    await this.#publish(work);
    await this.#load(work);
    const logs = await this.#agree(work);
    const seconds = (clock.monotonicMs() - startMs) / 1_000;
    const figures = await this.#count(work, logs, seconds);
    const kept = this.#options.keep || this.#options.keepData;
    await proveOneClaim(this.#all.province, this.#options.folder, kept, this.#tell);
    this.#tell.table(figures);
    if (figures.lostEntries + figures.duplicateEntries > 0) {
      throw fault('TB1803', { lost: figures.lostEntries, duplicate: figures.duplicateEntries });
    }
    if (!figures.logs.every(({ equal }) => equal)) throw fault('TB1805', { path: this.#options.folder });
    this.#tell.next(this.#all, this.#options.keep);
    if (this.#options.keep) await this.#keep(signal);
    return figures;
  }

  /** Ctrl-C, which is the way to end sites that were left running on purpose. */
  async #interrupted(): Promise<never> {
    const { signal } = this.#context;
    return new Promise((_resolve, reject) => {
      const stop = () => {
        if (!this.#keeping) reject(fault('TB1018'));
      };
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  async #prepare(): Promise<WorkFile[]> {
    const { data, folder, persons } = this.#options;
    const files = join(folder, 'files');
    const work =
      data === undefined
        ? generatedWork(files, provinceCode, countyCodes, { persons, drugs: 2_000, year: 2026 })
        : await convertedWork(data, files);
    const rows = work.reduce((sum, file) => sum + file.rows, 0);
    const made = data === undefined;
    this.#tell.step({
      en: `${formatCount(rows)} rows in ${work.length} files${made ? ', made up but of the right shape' : ''}`,
      zh: `${work.length} 个文件，共 ${formatCount(rows)} 行${made ? '（虚构数据，结构真实）' : ''}`,
    });
    return work;
  }

  async #publish(work: readonly WorkFile[]): Promise<void> {
    this.#tell.chapter({ en: 'The province publishes a drug catalog', zh: '省级发布药品目录' });
    for (const file of work.filter(({ site }) => site === provinceCode)) {
      this.#tally(await loadFile(this.#all.province, file, { dryRun: false }));
    }
    const published = await this.#sizeAt(this.#all.province, `${provinceCode}/catalog`);
    await Promise.all(
      this.#all.counties.map((county) => this.#until(county, `${provinceCode}/catalog`, published)),
    );
    this.#tell.step({
      en: `${formatCount(published)} items are in every county's own tables, signed by the province`,
      zh: `${formatCount(published)} 条目录已进入各县本地库，均由省级签名`,
    });
  }

  /** All counties load at once; one of them is killed in the middle and loads the same file again. */
  async #load(work: readonly WorkFile[]): Promise<void> {
    this.#tell.chapter({
      en: 'Three counties load their rows; one loses power',
      zh: '三县装载数据，其中一县断电',
    });
    const [, victim] = this.#all.counties;
    const total = work.reduce((sum, { site, rows }) => sum + (site === provinceCode ? 0 : rows), 0);
    const watching = this.#tell.watch(total, () => this.#entriesAt(this.#all.nation));
    const loads = this.#all.counties.map(async (county) => {
      const files = work.filter(({ site }) => site === county.code);
      if (county === victim) return this.#loadThroughAPowerCut(county, files);
      for (const file of files) this.#tally(await loadFile(county, file, { dryRun: false }));
    });
    await Promise.all(loads).finally(() => watching.stop());
  }

  async #loadThroughAPowerCut(county: DemoSite, files: readonly WorkFile[]): Promise<void> {
    const largest = files.reduce((a, b) => (b.rows > a.rows ? b : a));
    for (const file of files) {
      if (file !== largest) {
        this.#tally(await loadFile(county, file, { dryRun: false }));
        continue;
      }
      const loading = tryLoad(county, file, { dryRun: false });
      await this.#until(county, `${county.code}/${file.dataset}`, Math.floor(file.rows / 3), loading);
      await county.kill();
      await loading;
      this.#tell.step({
        en: `${county.code}: SIGKILL in the middle of ${file.dataset}; started and opened again`,
        zh: `${county.code}：装载 ${file.dataset} 途中被 SIGKILL；重新启动并解封`,
      });
      await this.#all.revive(county);
      const again = await loadFile(county, file, { dryRun: false });
      const [safe, added] = [again.unchanged, again.accepted].map(formatCount);
      this.#tell.step({
        en: `${county.code}: the same file again: ${safe} rows were safe, ${added} added`,
        zh: `${county.code}：重新装载同一文件：${safe} 行已安全保存，补入 ${added} 行`,
      });
      this.#accepted += again.accepted + again.unchanged;
      this.#refused += again.refused;
    }
  }

  /** Waits until every log has the same size and root wherever the contract lets it go. */
  async #agree(work: readonly WorkFile[]): Promise<string[]> {
    this.#tell.chapter({ en: 'County, province and nation agree', zh: '县、省、国家一致' });
    const names = new Set(work.map(({ site, dataset }) => `${site}/${dataset}`));
    const { clock } = this.#context;
    const startMs = clock.monotonicMs();
    for (const name of names) {
      const [site = ''] = name.split('/');
      const origin = site === provinceCode ? this.#all.province : this.#all.county(site);
      for (;;) {
        this.#context.signal.throwIfAborted();
        const size = await this.#sizeAt(origin, name);
        const province = await this.#sizeAt(this.#all.province, name);
        const nation = name.endsWith('/persons') ? size : await this.#sizeAt(this.#all.nation, name);
        if (size === province && size === nation) break;
        const seconds = (clock.monotonicMs() - startMs) / 1_000;
        if (seconds > agreeSeconds) {
          throw fault('TB1802', { log: name, county: size, province, nation, seconds: agreeSeconds });
        }
        await clock.sleep(200);
      }
    }
    const took = formatDuration(clock.monotonicMs() - startMs);
    this.#tell.step({ en: `all sizes are equal after ${took} more`, zh: `又过 ${took}，各处规模一致` });
    return [...names];
  }

  /** Everything is hashed again from every disk, and every source row is shown to its county once more. */
  async #count(work: readonly WorkFile[], names: readonly string[], seconds: number): Promise<DemoFigures> {
    const { signal } = this.#context;
    this.#tell.step({
      en: 'hashing everything on all five disks again, and showing every row to its county once more',
      zh: '重新计算五个站点磁盘上的全部哈希，并将每一行再次提交所属县核对',
    });
    const [national, province] = await Promise.all([
      checkedLogs(this.#all.nation, signal),
      checkedLogs(this.#all.province, signal),
    ]);
    const county = (await Promise.all(this.#all.counties.map((site) => checkedLogs(site, signal)))).flat();
    const logs: LogFigures[] = names.map((name) => compareTiers(name, { county, province, national }));
    const damaged = [...national, ...province, ...county].filter(({ whole }) => !whole).length;
    const missing = logs.reduce((sum, log) => sum + missingEntries(log), 0);
    const unstored = await this.#unstoredRows(work);
    const duplicates = [...national, ...province, ...county].reduce((sum, log) => sum + log.duplicates, 0);
    const entries = logs.reduce((sum, { tiers }) => sum + (tiers.province?.size ?? 0), 0);
    return {
      version: 1,
      sites: this.#all.sites.map(({ location: { code, name, tier, dataDir } }) => ({
        code,
        name,
        tier,
        dataDir,
      })),
      logs,
      lostEntries: missing + unstored + damaged,
      duplicateEntries: duplicates,
      entriesPerSecond: Math.round(entries / seconds),
      seconds: Math.round(seconds * 10) / 10,
      rows: { accepted: this.#accepted, refused: this.#refused },
    };
  }

  /** Rows of the files that a dry run would still add: what a site has lost of what it was given. */
  async #unstoredRows(work: readonly WorkFile[]): Promise<number> {
    const missing = await Promise.all(
      this.#all.sites.map(async (site) => {
        let rows = 0;
        for (const file of work.filter((candidate) => candidate.site === site.code)) {
          rows += (await loadFile(site, file, { dryRun: true })).accepted;
        }
        return rows;
      }),
    );
    return missing.reduce((sum, rows) => sum + rows, 0);
  }

  async #keep(signal: AbortSignal): Promise<void> {
    this.#keeping = true;
    while (!signal.aborted) await this.#context.clock.sleep(60_000, signal);
  }

  #tally({ accepted, unchanged, refused }: LoadSummary): void {
    this.#accepted += accepted + unchanged;
    this.#refused += refused;
  }

  async #sizeAt(site: DemoSite, name: string): Promise<number> {
    return (await seenLogs(site))?.find(({ log }) => log === name)?.size ?? 0;
  }

  async #entriesAt(site: DemoSite): Promise<number> {
    const logs = (await seenLogs(site)) ?? [];
    const ofCounties = logs.filter(({ log }) => countyCodes.some((code) => log.startsWith(code)));
    return ofCounties.reduce((sum, { size }) => sum + size, 0);
  }

  /** Waits for a log to reach a size, or for `ended` when that comes first. */
  async #until(site: DemoSite, name: string, size: number, ended?: Promise<unknown>): Promise<void> {
    const over = { yes: false };
    void ended?.then(() => {
      over.yes = true;
    });
    while (!over.yes && (await this.#sizeAt(site, name)) < size) {
      this.#context.signal.throwIfAborted();
      await this.#context.clock.sleep(100);
    }
  }
}

/** The figures as a file, for scripts. */
export function writeFigures(path: string, figures: DemoFigures): void {
  writeFileSync(path, `${JSON.stringify(figures, undefined, 2)}\n`);
}
