export interface DemoOptions {
  /** Where everything of this run lies. */
  readonly folder: string;
  /** Real files instead of made-up ones. */
  readonly data: string | undefined;
  /** Persons of each county when rows are made up. */
  readonly persons: number;
  /** Leave the sites running until Ctrl-C. */
  readonly keep: boolean;
  readonly keepData: boolean;
}
