import { fault } from '../core/base/errors.ts';
import { readYaml } from '../core/base/read-yaml.ts';
import { type LogName, parseLog } from '../core/log/batch.ts';

/** What a subscriber may receive: datasets of every origin, or single logs (I13). */
export class Contract {
  readonly #datasets: ReadonlySet<string>;
  readonly #logs: ReadonlySet<string>;

  private constructor(datasets: ReadonlySet<string>, logs: ReadonlySet<string>) {
    this.#datasets = datasets;
    this.#logs = logs;
  }

  /** Nothing leaves without a contract. */
  static none(): Contract {
    return new Contract(new Set(), new Set());
  }

  /** `logs:` with lines like `enrollment` or `430121/claims`. Throws TB1003, TB1701. */
  static read(path: string): Contract {
    const content = readYaml(path);
    const refuse = (reason: string) => fault('TB1701', { path, reason });
    if (typeof content !== 'object' || content === null || !('logs' in content)) throw refuse('no `logs:`');
    const { logs } = content;
    if (!Array.isArray(logs)) throw refuse('`logs:` is no list');
    return Contract.#from(logs as unknown[], refuse);
  }

  /** The same lines as values. Throws TB1952. */
  static of(lines: readonly string[]): Contract {
    return Contract.#from(lines, (reason) => fault('TB1952', { reason }));
  }

  static #from(lines: readonly unknown[], refuse: (reason: string) => Error): Contract {
    const datasets = new Set<string>();
    const single = new Set<string>();
    for (const line of lines) {
      const text = String(line);
      if (parseLog(text)) single.add(text);
      else if (/^[a-z][a-z0-9-]*$/.test(text)) datasets.add(text);
      else throw refuse('a line is neither a dataset nor site/dataset');
    }
    return new Contract(datasets, single);
  }

  /** Its lines in one order. */
  lines(): readonly string[] {
    return [...this.#datasets, ...this.#logs].sort();
  }

  /** Whether any log of the dataset is in it. */
  names(dataset: string): boolean {
    return this.#datasets.has(dataset) || [...this.#logs].some((log) => parseLog(log)?.dataset === dataset);
  }

  includes(log: LogName): boolean {
    return this.#datasets.has(log.dataset) || this.#logs.has(`${log.origin}/${log.dataset}`);
  }
}
