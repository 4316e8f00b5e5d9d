import type { Batch, LogName, Position } from '../log/batch.ts';

/**
 * The replication protocol as values; core/wire puts them on gRPC, bundles into files, tests into memory.
 * One conversation carries one log in one direction, between its sender and its receiver:
 *
 *   1. the dialer says `hello`; the answerer checks identity and rights and says its own `hello`
 *   2. the receiver says `position`: what it durably holds
 *   3. the sender sends `batch`es from there, at most a window ahead
 *   4. the receiver verifies, stores, fsyncs, and answers `ack` with its new size and cosignature
 *   5. both send `heartbeat`s; whoever hears nothing for too long ends the conversation
 *   x. either may end with a `refusal`; a receiver's refusal carries its position
 */

export interface Hello {
  readonly kind: 'hello';
  /** Site code of who says it. */
  readonly site: string;
  readonly log: LogName;
  readonly protocolMin: number;
  readonly protocolMax: number;
  /** What this side takes at most; see limits.ts. */
  readonly batchEntriesMax: number;
  readonly batchBytesMax: number;
  readonly windowBatches: number;
  readonly windowBytes: number;
}

export interface PositionFrame extends Position {
  readonly kind: 'position';
}

export interface BatchFrame extends Batch {
  readonly kind: 'batch';
}

export interface Ack {
  readonly kind: 'ack';
  /** Cumulative: everything below is verified and fsynced at the receiver. */
  readonly size: number;
  /** The receiver's mirror cosignature line over the origin's checkpoint of that size. */
  readonly cosignature: Uint8Array;
}

export interface Heartbeat {
  readonly kind: 'heartbeat';
  /** Wall time of the speaker, ms since 1970. */
  readonly timeMs: number;
  /** Size that the speaker knows: a sender's newest entry, a receiver's position. */
  readonly size: number;
  /** Sender only: the newest checkpoint that it has signed or holds; empty when none. */
  readonly checkpoint: Uint8Array;
  /** Sender only: when the entry at size − 1 was appended, ms since 1970; 0 when unknown. */
  readonly newestMs: number;
}

export const refusalCodes = [
  'protocol', // no common protocol version, or a frame out of turn
  'malformed', // a frame, bundle, note or number that does not parse
  'limit', // larger than what the receiver announced
  'identity', // the peer speaks for a site or log that is not its own
  'unknown-log', // no such dataset, or the log is not in the contract
  'unknown-key', // no key of that origin in the registry yet: try later
  'gap', // first is above the position
  'overlap', // first is below the position, end above it
  'root', // entries do not give the root of the checkpoint
  'signature', // the checkpoint is not signed by the origin's key
  'fork', // a checkpoint contradicts one that is held: kept as evidence
  'fenced', // a newer session for the same log and direction has begun
  'storage', // the receiver can't store now (disk full …): try later
  'sealed', // the site is sealed
  'silent', // nothing was heard for too long
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export interface Refusal {
  readonly kind: 'refusal';
  readonly code: RefusalCode;
  /** The receiver's position, so that the sender knows where to resume; undefined from a sender. */
  readonly size: number | undefined;
  /** For the log of the other side; sizes, codes, hashes only (I9). */
  readonly text: string;
}

export type Frame = Hello | PositionFrame | BatchFrame | Ack | Heartbeat | Refusal;
