/** How much to generate; the same values always give the same rows. */
export interface Scale {
  readonly seed: number;
  readonly county: string;
  readonly persons: number;
  readonly year: number;
  /** Treatments of a person in a year; 2.2 in the national figures. */
  readonly eventsPerPerson: number;
  /** Lines of an inpatient stay; about 200 in practice. */
  readonly linesPerStay: number;
}

export type Row = Readonly<Record<string, string>>;

export const fullScale = { eventsPerPerson: 2.2, linesPerStay: 200 } as const;
