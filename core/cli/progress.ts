import cliProgress from 'cli-progress';
import type { Text } from '../base/language.ts';
import type { CliContext } from './context.ts';
import { printNote } from './output.ts';
import { formatCount, formatDuration } from './table.ts';

export interface ProgressSpec {
  /** What is being done: `Loading enrollment.csv`. */
  readonly text: Text;
  /** Undefined when nobody knows. */
  readonly total?: number | undefined;
}

/** A plain line at least this often, with a margin below the ten seconds that are promised. */
const plainIntervalMs = 5_000;
/** The rate is that of this time, not of the whole run: it must show a standstill. */
const rateWindowMs = 10_000;

/**
 * How far a long act is, on standard error: one bar on a terminal, lines elsewhere (no escape sequences
 * and no carriage returns). With `using`, a throw ends it too.
 */
export class Progress implements Disposable {
  readonly #context: CliContext;
  readonly #spec: ProgressSpec;
  readonly #startMs: number;
  readonly #stop = new AbortController();
  readonly #bar: cliProgress.SingleBar | undefined;
  #samples: { readonly atMs: number; readonly done: number }[];
  #done = 0;

  constructor(context: CliContext, spec: ProgressSpec) {
    this.#context = context;
    this.#spec = spec;
    this.#startMs = context.clock.monotonicMs();
    this.#samples = [{ atMs: this.#startMs, done: 0 }];
    if (context.plain) {
      printNote(context, this.#line());
      void this.#repeat();
    } else {
      this.#bar = this.#startBar();
    }
  }

  /** `done` is how much is done in all, not what has been added. */
  update(done: number): void {
    this.#done = done;
    this.#bar?.update(done, { line: this.#line() });
  }

  /** Ends it with a last line: how much, how long, how fast. Idempotent. */
  finish(): void {
    if (this.#stop.signal.aborted) return;
    this.#end();
    const elapsedMs = this.#context.clock.monotonicMs() - this.#startMs;
    const rate = formatCount(this.#done / Math.max(elapsedMs / 1000, 0.001));
    const count = formatCount(this.#done);
    const took = formatDuration(elapsedMs);
    const { en, zh } = this.#spec.text;
    const text = {
      en: `${en}: ${count} in ${took} (${rate}/s)`,
      zh: `${zh}：${count}，用时 ${took}（${rate}/秒）`,
    };
    printNote(this.#context, this.#context.text(text));
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #end(): void {
    this.#stop.abort();
    this.#bar?.stop();
  }

  async #repeat(): Promise<void> {
    const { clock } = this.#context;
    for (;;) {
      await clock.sleep(plainIntervalMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      printNote(this.#context, this.#line());
    }
  }

  #startBar(): cliProgress.SingleBar {
    const bar = new cliProgress.SingleBar({
      stream: this.#context.stderr as NodeJS.WriteStream,
      format: this.#spec.total === undefined ? '{line}' : '[{bar}] {line}',
      barsize: 20,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      clearOnComplete: true,
      hideCursor: false,
      gracefulExit: false,
    });
    bar.start(this.#spec.total ?? 0, 0, { line: this.#line() });
    return bar;
  }

  /** Position, rate, remaining time. */
  #line(): string {
    const { text, total } = this.#spec;
    const rate = this.#rate();
    const { en, zh } = text;
    const count = formatCount(this.#done);
    if (total === undefined)
      return this.#context.text({
        en: `${en}: ${count}, ${formatCount(rate)}/s`,
        zh: `${zh}：${count}，${formatCount(rate)}/秒`,
      });
    const share = total === 0 ? 100 : Math.floor((this.#done / total) * 100);
    const remaining = rate > 0 ? formatDuration(((total - this.#done) / rate) * 1000) : '–';
    return this.#context.text({
      en: `${en}: ${count} of ${formatCount(total)} (${share} %), ${formatCount(rate)}/s, ${remaining} left`,
      zh: `${zh}：${count} / ${formatCount(total)}（${share} %），${formatCount(rate)}/秒，剩余 ${remaining}`,
    });
  }

  /** Entries per second within the window; samples are taken here, so that it falls when nothing comes. */
  #rate(): number {
    const atMs = this.#context.clock.monotonicMs();
    const newest = this.#samples.at(-1);
    if (!newest || atMs - newest.atMs >= rateWindowMs / 20) this.#samples.push({ atMs, done: this.#done });
    // One sample from before the window stays: the rate begins there.
    while (atMs - (this.#samples[1]?.atMs ?? atMs) >= rateWindowMs) this.#samples.shift();
    const oldest = this.#samples[0];
    if (!oldest || atMs <= oldest.atMs) return 0;
    return ((this.#done - oldest.done) / (atMs - oldest.atMs)) * 1000;
  }
}
