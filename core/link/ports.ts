import type { Batch, BatchBounds, Position } from '../log/batch.ts';
import type { Ack } from './messages.ts';
import type { Outcome } from './receiver-session.ts';

/** What a sender tells of its log in a heartbeat. */
export interface Head {
  readonly size: number;
  /** The newest signed note; empty when none. */
  readonly checkpoint: Uint8Array;
  readonly newestMs: number;
}

/**
 * A durable log as its sender reads it. It holds nothing for the sender: everything can be read again (I5).
 */
export interface SendingLog {
  head(): Promise<Head>;
  /** 'ahead': the receiver holds more than we do, so we were restored; 'fork': another root at its size. */
  compare(position: Position): Promise<'same' | 'ahead' | 'fork'>;
  /**
   * The next entries from there, ending at a checkpoint; may sign one first. Undefined when there are none.
   */
  read(from: number, bounds: BatchBounds): Promise<Batch | undefined>;
  /** Proves the receipt and stores it; throws TB1444 when it is not the receiver's. */
  keep(ack: Ack): Promise<void>;
}

/** A log as its receiver stores it. The one write is a compare-and-swap on (size, fence). */
export interface ReceivingLog {
  /** Fences older sessions and tells what is durable. */
  open(): Promise<Position>;
  /**
   * Verifies, stores, fsyncs. Batches of one session may be handed over without waiting; answers keep order.
   */
  store(batch: Batch): Promise<Outcome>;
}
