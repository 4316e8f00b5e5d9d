import { createHash } from 'node:crypto';

/** What happened, in order: its hash tells whether two runs were the same, its end what led to a failure. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #last: string[] = [];
  #lines = 0;

  add(atMs: number, line: string): void {
    const text = `${atMs.toFixed(0).padStart(7)} ${line}`;
    this.#hash.update(`${text}\n`);
    this.#lines += 1;
    this.#last.push(text);
    if (this.#last.length > 80) this.#last.shift();
  }

  get lines(): number {
    return this.#lines;
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  tail(): string {
    return this.#last.join('\n');
  }
}
