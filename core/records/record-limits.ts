/** Every quantity of a record or of a file of rows that can grow, with the reason for its bound (I7). */
export const recordLimits = {
  /** Bytes of a body: an entry has 65,535, of which key, salt and heads take up to 1,000. */
  bodyBytes: 64_500,
  /** Characters of one row of a file: far above any real row; an unclosed quote ends here. */
  rowChars: 262_144,
  /** Lines of one quoted cell: an address has a few. */
  cellLines: 100,
  /** Rows of a batch that a reader hands over: a few megabytes of strings. */
  batchRows: 1_000,
} as const;
