import type { Frame } from './messages.ts';

/** Who is at the other end, proven by its certificate (core/wire) or given by a test. */
export interface Peer {
  /** 6-digit site code from the certificate's URI. */
  readonly site: string;
  readonly trustDomain: string;
  /** node, hub, officer, operator, business, … */
  readonly role: string;
  /** Last part of the URI, for persons and business systems; '' for sites. */
  readonly name: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Where the call came from, as the listener saw it; absent on the dialling side. */
  readonly address?: string;
}

/** A two-way, ordered conversation of frames. core/wire has the gRPC one, test/support the one in memory. */
export interface Channel {
  readonly peer: Peer;
  /**
   * Resolves when the transport takes more; a slow receiver thus slows its sender.
   * Throws a retryable fault when the channel is broken.
   */
  send(frame: Frame): Promise<void>;
  /**
   * The next frame of the other side; undefined when it ended the conversation properly.
   * Throws a retryable fault when the channel is broken, and TB1401 for a frame that does not parse.
   */
  receive(): Promise<Frame | undefined>;
  /** Ends the conversation; idempotent. A `send` that waits for room returns or throws. */
  close(): void;
}
