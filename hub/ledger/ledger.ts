import type { Head } from '../../core/link/ports.ts';
import type { Outcome } from '../../core/link/receiver-session.ts';
import type { Batch, BatchBounds, LogName, Position } from '../../core/log/batch.ts';
import type { EntryProof } from '../../core/log/prove-entry.ts';
import type { TileWriter } from '../../core/log/tile.ts';
import type { LogReport } from '../../core/site/logs/log-report.ts';
import type { OriginKey } from '../../core/site/logs/origin-key.ts';

export interface LedgerLog {
  readonly log: LogName;
  readonly size: number;
  readonly root: Uint8Array;
  readonly newestMs: number;
  readonly receipts: readonly StoredReceipt[];
}

export interface StoredReceipt {
  readonly receiver: string;
  readonly size: number;
  readonly receivedMs: number;
}

/**
 * What a hub holds of others' logs. The port is asynchronous, and its one write is a compare-and-swap on
 * (size, fence) together with the batch, so that a database server under several hubs can stand behind it.
 */
export interface Ledger {
  /** Fences older sessions of the log and tells what is durable. */
  open(log: LogName): Promise<{ readonly position: Position; readonly fence: number }>;
  /** Verifies, stores, fsyncs, cosigns. Answers of one log keep the order of the calls. */
  store(log: LogName, batch: Batch, fence: number, key: OriginKey): Promise<Outcome>;
  head(log: LogName): Promise<Head>;
  compare(log: LogName, position: Position): Promise<'same' | 'ahead' | 'fork'>;
  read(log: LogName, from: number, bounds: BatchBounds): Promise<Batch | undefined>;
  /** Proves a receiver's cosignature and stores it with the log. */
  keep(
    log: LogName,
    ack: { readonly size: number; readonly cosignature: Uint8Array },
    receiver: OriginKey,
    site: string,
  ): Promise<void>;
  /** All logs held, or those of one origin. */
  logs(origin?: string): Promise<LedgerLog[]>;
  /** Hashes one log again from the disk, beside the running work; `progress` hears the size so far. */
  verify(log: LogName, key: OriginKey, progress: (size: number) => void): Promise<LogReport>;
  prove(log: LogName, index: number): Promise<EntryProof>;
  /** Writes the log as C2SP tiles, up to its newest checkpoint. */
  export(log: LogName, write: TileWriter): Promise<void>;
  close(): Promise<void>;
}
