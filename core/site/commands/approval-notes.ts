import { explain, type Fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { printNote } from '../../cli/output.ts';
import { formatDuration } from '../../cli/table.ts';
import type { EnrolmentPatience, WaitingForOfficers } from '../joining/enrolment-patience.ts';

/** Often enough that nobody thinks it hangs, seldom enough to read the words between two lines. */
const lineEveryMs = 30_000;

/**
 * Tells the person at the terminal what to say on the telephone, then a line from time to time; all on
 * standard error. Dispose of it when the enrolment is over.
 */
export class ApprovalNotes implements Disposable {
  readonly patience: Omit<EnrolmentPatience, 'clock' | 'random'>;
  readonly #context: CliContext;
  readonly #over = new AbortController();

  constructor(context: CliContext) {
    this.#context = context;
    this.patience = {
      signal: context.signal,
      waiting: (info) => this.#waiting(info),
      unreachable: (error) => this.#unreachable(error),
    };
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }

  #waiting(info: WaitingForOfficers): void {
    const { site, hubSite, requestId, words, expiresMs } = info;
    const until = new Date(expiresMs).toISOString();
    printNote(
      this.#context,
      this.#context.text({
        en: `Waiting for an officer of ${hubSite}. Call them on a number that you know, and read out:
  site      ${site}
  keys      ${words}
  request   ${requestId}
They compare the words and run \`tongbu seal approve ${requestId}\`.
Until ${until} the token takes no other keys; Ctrl-C withdraws the request.`,
        zh: `正在等待 ${hubSite} 的安全员批准。请拨打已知的电话号码，向其念出：
  站点      ${site}
  密钥词    ${words}
  申请      ${requestId}
安全员核对密钥词后执行 \`tongbu seal approve ${requestId}\`。按 Ctrl-C 放弃并撤回申请。
在 ${until} 之前，该令牌不接受其他密钥。`,
      }),
    );
    void this.#repeat(hubSite);
  }

  #unreachable({ code, parameters }: Fault): void {
    const [message] = explain(code, parameters, this.#context.language);
    printNote(this.#context, `${code} ${message}`);
  }

  async #repeat(hubSite: string): Promise<void> {
    const { clock } = this.#context;
    const sinceMs = clock.monotonicMs();
    for (;;) {
      await clock.sleep(lineEveryMs, this.#over.signal);
      if (this.#over.signal.aborted) return;
      const waited = formatDuration(clock.monotonicMs() - sinceMs);
      printNote(
        this.#context,
        this.#context.text({
          en: `still waiting for an officer of ${hubSite} (${waited})`,
          zh: `仍在等待 ${hubSite} 的安全员批准（${waited}）`,
        }),
      );
    }
  }
}
