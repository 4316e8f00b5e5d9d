/** (origin, dataset) names a log for ever and everywhere; with an index it names an entry. */
export interface LogName {
  /** 6-digit site code of the only writer. */
  readonly origin: string;
  readonly dataset: string;
}

/** How many entries a receiver durably holds, and the root over them. */
export interface Position {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

export type Compression = 'none' | 'zstd';

/** Entries [first, first + count) as an entry bundle, and the origin's checkpoint at its end. */
export interface Batch {
  readonly first: number;
  readonly count: number;
  readonly compression: Compression;
  /** C2SP entry bundle (u16 big-endian length before each entry), compressed as said. */
  readonly entries: Uint8Array;
  /** Signed note of the origin over (origin line, first + count, root). */
  readonly checkpoint: Uint8Array;
}

/** Entries of a batch that every receiver takes. */
export const batchEntriesMax = 10_000;
/** Bytes of a batch, before compression, that every receiver takes. */
export const batchBytesMax = 8 * 1024 * 1024;

export interface BatchBounds {
  readonly entriesMax: number;
  /** Bytes before compression. */
  readonly bytesMax: number;
}

export function printLog(log: LogName): string {
  return `${log.origin}/${log.dataset}`;
}

/** Reads `430121/enrollment`; undefined for anything else. */
export function parseLog(text: string): LogName | undefined {
  const match = /^([0-9]{6})\/([a-z][a-z0-9-]{0,30}(?:\/[0-9]{6})?)$/.exec(text);
  return match?.[1] && match[2] ? { origin: match[1], dataset: match[2] } : undefined;
}
