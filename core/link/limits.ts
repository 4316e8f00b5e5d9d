import { batchBytesMax, batchEntriesMax } from '../log/batch.ts';
import { entryBytesMax } from '../log/bundle.ts';
import { noteBytesMax, noteSignaturesMax } from '../log/note.ts';

/** Every quantity of a link that can grow, with the reason for its bound (I7). */
export const limits = {
  /** Bytes of an entry: the length prefix of a C2SP entry bundle has 16 bits. */
  entryBytes: entryBytesMax,
  /** Entries of a batch: 10,000 keep signature, fsync and message costs below 2 % of the hashing. */
  batchEntries: batchEntriesMax,
  /** Bytes of a batch before compression: bounds what a receiver unfolds in memory at a time. */
  batchBytes: batchBytesMax,
  /** Bytes of one gRPC message: a whole batch that does not compress, and its frame. */
  messageBytes: 9 * 1024 * 1024,
  /** Batches sent ahead of the last ack: covers 200 ms of delay at full rate. */
  windowBatches: 8,
  /** Compressed bytes sent ahead of the last ack: what a receiver holds in memory for a log. */
  windowBytes: 32 * 1024 * 1024,
  /** Bytes of a signed note: 64 signature lines fit (C2SP asks for 16). */
  noteBytes: noteBytesMax,
  noteSignatures: noteSignaturesMax,
  /** Largest size of a log: exact in a double; 60 million insured make 10^10 entries in ten years. */
  logSize: Number.MAX_SAFE_INTEGER,
  /** Bytes of a refusal's text, which goes into the other side's program log. */
  refusalTextBytes: 1_000,
  /** Frames of one conversation that are read before they are handled: a window and some heartbeats. */
  framesAhead: 16,
  /** A heartbeat at least this often on an idle conversation. */
  heartbeatMs: 5_000,
  /** Silence after which a conversation is dead: three heartbeats. */
  silenceMs: 15_000,
} as const;

export const protocol = { min: 1, max: 1 } as const;
