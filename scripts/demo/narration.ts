import type { Text } from '../../core/base/language.ts';
import type { CliContext } from '../../core/cli/context.ts';
import { printData, printNote } from '../../core/cli/output.ts';
import { Progress } from '../../core/cli/progress.ts';
import { type Column, formatCount, formatTable } from '../../core/cli/table.ts';
import type { Constellation } from './constellation.ts';
import type { DemoSite } from './demo-site.ts';
import type { DemoFigures, LogFigures, Tier } from './figures.ts';

/** What the visitor reads; everything but the last table goes to standard error. */
export class Narration {
  readonly #context: CliContext;
  readonly #startMs: number;

  constructor(context: CliContext) {
    this.#context = context;
    this.#startMs = context.clock.monotonicMs();
  }

  chapter(title: Text): void {
    printNote(this.#context, `\n${this.#context.text(title)}`);
  }

  step(text: Text): void {
    const seconds = ((this.#context.clock.monotonicMs() - this.#startMs) / 1_000).toFixed(1).padStart(6);
    printNote(this.#context, `${seconds} s  ${this.#context.text(text)}`);
  }

  /** A bar of the entries that have reached the nation. */
  watch(total: number, count: () => Promise<number>): { stop(): void } {
    const text = { en: 'Entries at the nation', zh: '到达国家平台的条目' };
    const progress = new Progress(this.#context, { text, total });
    const stop = new AbortController();
    void (async () => {
      while (!stop.signal.aborted) {
        progress.update(await count());
        await this.#context.clock.sleep(500, stop.signal);
      }
    })();
    return {
      stop: () => {
        stop.abort();
        progress[Symbol.dispose]();
      },
    };
  }

  table({ logs, lostEntries, duplicateEntries, entriesPerSecond, seconds, rows }: DemoFigures): void {
    const title = (text: Text): Column => ({ title: this.#context.text(text) });
    const columns: Column[] = [
      title({ en: 'log', zh: '日志' }),
      { ...title({ en: 'entries', zh: '条目' }), align: 'right' },
      title({ en: 'root at the county', zh: '县级根' }),
      title({ en: 'at the province', zh: '省级根' }),
      title({ en: 'at the nation', zh: '国家级根' }),
      title({ en: 'equal', zh: '一致' }),
    ];
    const lines = logs.map((log) => this.#line(log));
    printData(this.#context, `\n${formatTable(columns, lines)}`);
    const en = `\n${formatCount(rows.accepted)} rows in ${seconds} s (${formatCount(entriesPerSecond)} entries/s, three tiers, every entry signed, verified and fsynced)\nlost: ${lostEntries}   duplicate: ${duplicateEntries}   refused rows: ${rows.refused}`;
    const zh = `\n${formatCount(rows.accepted)} 行，用时 ${seconds} 秒（每秒 ${formatCount(entriesPerSecond)} 条，三级，逐条签名、验证并落盘）\n丢失：${lostEntries}   重复：${duplicateEntries}   拒绝行：${rows.refused}`;
    printData(this.#context, this.#context.text({ en, zh }));
  }

  /** What to try now; `running` while the sites are up. */
  next({ sites, province, counties }: Constellation, running: boolean): void {
    const [county] = counties;
    const place = (site: DemoSite | undefined) =>
      running ? site?.location.dataDir : `my-demo/sites/${site?.code}`;
    const lines = [
      `tongbu hub status --data ${place(province)}`,
      `tongbu node status --data ${place(county)}`,
      `tongbu node list enrollment --data ${place(county)} --limit 5`,
      `tongbu hub verify --data ${place(province)}`,
    ];
    const title = running
      ? {
          en: `${sites.length} sites are running; Ctrl-C ends them. Try:`,
          zh: `${sites.length} 个站点正在运行；Ctrl-C 结束。可尝试：`,
        }
      : {
          en: 'Try `npm run demo -- --keep --folder my-demo`, and in another window:',
          zh: '可运行 `npm run demo -- --keep --folder my-demo`，并在另一窗口执行：',
        };
    printNote(
      this.#context,
      `\n${this.#context.text(title)}\n${lines.map((line) => `  npx ${line}`).join('\n')}`,
    );
  }

  #line({ name, tiers, equal }: LogFigures): string[] {
    const root = (tier: Tier) => {
      const held = tiers[tier];
      if (held) return held.root.slice(0, 16);
      return this.#context.text({ en: 'not in the contract', zh: '合约未授权' });
    };
    const size = Object.values(tiers)[0]?.size ?? 0;
    return [name, formatCount(size), root('county'), root('province'), root('national'), equal ? '✓' : '✗'];
  }
}
