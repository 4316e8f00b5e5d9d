import type { ErrorCode, FaultParameters } from '../../core/base/errors.ts';
import type { Head } from '../../core/link/ports.ts';
import type { Outcome } from '../../core/link/receiver-session.ts';
import type { Batch, BatchBounds, LogName, Position } from '../../core/log/batch.ts';
import type { OriginKey } from '../../core/site/logs/origin-key.ts';
import type { LedgerLog } from './ledger.ts';

/** What the ledger's threads are asked, and what they answer. */
export type LedgerAsks = {
  open: readonly [{ log: LogName }, { position: Position; fence: number }];
  store: readonly [StoreAsk, Outcome];
  head: readonly [{ log: LogName }, Head];
  compare: readonly [{ log: LogName; position: Position }, 'same' | 'ahead' | 'fork'];
  read: readonly [{ log: LogName; from: number; bounds: BatchBounds }, Batch | undefined];
  keep: readonly [KeepAsk, undefined];
  logs: readonly [{ origin: string | undefined }, { logs: LedgerLog[]; damaged: DamagedFile[] }];
  close: readonly [undefined, undefined];
};

/** A file that can't be opened: the fault's code and parameters. */
export interface DamagedFile {
  readonly origin: string;
  readonly code: ErrorCode;
  readonly parameters: FaultParameters;
}

export interface StoreAsk {
  readonly log: LogName;
  readonly batch: Batch;
  readonly fence: number;
  readonly key: OriginKey;
}

export interface KeepAsk {
  readonly log: LogName;
  readonly size: number;
  readonly cosignature: Uint8Array;
  readonly receiver: OriginKey;
  readonly site: string;
}

/** What a ledger thread is started with. */
export interface LedgerThreadData {
  readonly folder: string;
  /** This thread's number, and how many there are: an origin belongs to thread (code mod count). */
  readonly index: number;
  readonly count: number;
  readonly databaseKey: Uint8Array;
  readonly mirrorName: string;
  readonly mirrorSeed: Uint8Array;
}
