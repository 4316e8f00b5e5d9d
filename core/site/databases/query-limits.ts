/** Bounds of a break-glass session (I7). */
export const queryLimits = {
  /** A person reads a screen or two; more is an export, which has its own command. */
  rows: 1_000,
  /** Below what one message may carry. */
  bytes: 1024 * 1024,
  sqlCharacters: 16_384,
  statementMs: 30_000,
  /** Four hours: longer than any repair that should not be planned anew. */
  sessionMinutes: 240,
  sessions: 4,
  /** A request that nobody approved or used on its working day is asked for again. */
  requestMs: 8 * 3_600_000,
} as const;
