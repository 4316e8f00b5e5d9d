/** One deliberate defect of the product: exact edits of its source, and what must notice it. */
export interface Mutant {
  /** What the product does wrong then. */
  readonly name: string;
  readonly edits: readonly {
    /** From the root of the repository. */
    readonly file: string;
    /** Occurs exactly once; otherwise the list is out of date and the run fails. */
    readonly find: string;
    readonly put: string;
  }[];
  /** The simulation, or the test files that have to fail. */
  readonly caughtBy: 'simulation' | readonly string[];
}
