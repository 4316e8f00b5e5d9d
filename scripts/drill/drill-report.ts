import type { Clock } from '../../core/base/clock.ts';
import { type Answer, tongbu } from './tongbu-command.ts';

/** One thing that was tried, and whether it went as it must. */
export interface DrillStep {
  readonly chapter: string;
  readonly what: string;
  readonly passed: boolean;
  readonly found: string;
  readonly ms: number;
}

/** Tells every step as it happens, and remembers it. A wrong outcome ends the drill. */
export class DrillReport {
  readonly steps: DrillStep[] = [];
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #say: (line: string) => void;
  #chapter = '';
  #sinceMs: number;

  constructor(clock: Pick<Clock, 'monotonicMs'>, say: (line: string) => void) {
    this.#clock = clock;
    this.#say = say;
    this.#sinceMs = clock.monotonicMs();
  }

  chapter(title: string): void {
    this.#chapter = title;
    this.#say(`\n${title}`);
  }

  /** Throws when it does not hold. */
  check(what: string, holds: boolean, found: string): void {
    const nowMs = this.#clock.monotonicMs();
    const ms = Math.round(nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
    this.steps.push({ chapter: this.#chapter, what, passed: holds, found, ms });
    this.#say(`  ${holds ? '✓' : '✗'} ${what}${found === '' ? '' : `: ${found}`}  (${ms} ms)`);
    if (!holds) throw new DrillFailed(`${this.#chapter}: ${what}: ${found}`);
  }

  /** A command that must succeed; `found` says what of its answer to show. */
  async done(
    what: string,
    args: readonly string[],
    found: (document: Record<string, unknown>) => string = () => '',
    input = '',
  ): Promise<Answer> {
    const answer = await tongbu(args, input);
    const good = answer.status === 0;
    this.check(what, good, good ? found(answer.document) : `${answer.code ?? ''} ${answer.message}`);
    return answer;
  }

  /** A command that must be refused with one of these codes. */
  async refused(what: string, codes: readonly string[], args: readonly string[], input = ''): Promise<void> {
    const { status, code, message } = await tongbu(args, input);
    const right = status !== 0 && code !== undefined && codes.includes(code);
    this.check(what, right, right ? `${code} ${message}` : `exit ${status}, ${code ?? ''} ${message}`);
  }
}

export class DrillFailed extends Error {}
