import { readTable } from './source-table.ts';

/** The row of the map that takes every value without a row of its own. */
const anyOther = '*any other*';

/** Source codes of the two legacy systems to unified ones; `defaulted` counts what fell to a default. */
export class CodeMap {
  readonly #targets: ReadonlyMap<string, string>;
  readonly #defaulted = new Map<string, number>();

  private constructor(targets: ReadonlyMap<string, string>) {
    this.#targets = targets;
  }

  static async read(folder: string): Promise<CodeMap> {
    const rows = await readTable(folder, 'legacy-expected/code_map.csv');
    return new CodeMap(
      new Map(
        rows.map((row) => [
          `${row('system')} ${row('source_column')} ${row('source_value')}`,
          row('target_value'),
        ]),
      ),
    );
  }

  get defaulted(): ReadonlyMap<string, number> {
    return this.#defaulted;
  }

  map(system: 'A' | 'B', column: string, value: string): string {
    if (value === '') return '';
    const exact = this.#targets.get(`${system} ${column} ${value}`);
    if (exact !== undefined) return exact;
    const name = `${system} ${column}`;
    this.#defaulted.set(name, (this.#defaulted.get(name) ?? 0) + 1);
    return this.#targets.get(`${name} ${anyOther}`) ?? '';
  }
}
