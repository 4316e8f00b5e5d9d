/** What a measurement is given. */
export interface BenchOptions {
  /** Entries, or rows. */
  readonly rows: number;
  /** The rows as CSV lines, the header first; every call begins anew and gives the same. */
  lines(): AsyncIterable<string>;
  /** Tells the person who waits what goes on. */
  note(text: string): void;
}

/** Figures by name; names end in their unit. */
export type Figures = Readonly<Record<string, number | string>>;

export type Outcome = { readonly figures: Figures } | { readonly skipped: string };

/** A module of scripts/bench that measures one thing; it leaves nothing behind, also when it fails. */
export interface Measurement {
  measure(options: BenchOptions): Promise<Outcome>;
}
