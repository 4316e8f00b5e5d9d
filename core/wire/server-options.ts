import type { ServerOptions } from '@grpc/grpc-js';
import { limits } from '../link/limits.ts';

/** Bounds of one connection that the transport does not set by itself (I7). */
export const serverOptions: ServerOptions = {
  // Also bounds what a compressed message unfolds to.
  'grpc.max_receive_message_length': limits.messageBytes,
  // A county has about 20 logs in two directions; the rest is for a person's commands.
  'grpc.max_concurrent_streams': 128,
  // Megabytes that one connection may hold in its streams and buffers; unlimited by default.
  'grpc-node.max_session_memory': 64,
  'grpc.enable_channelz': 0,
  // A connection outlives its certificate, so each is renewed a few times a day.
  'grpc.max_connection_age_ms': 6 * 3_600_000,
  'grpc.max_connection_age_grace_ms': 60_000,
  // Half-open connections are found, also where a line breaks without a word.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

/** The enrolment listener answers strangers: small messages, few streams, short connections. */
export const strangerServerOptions: ServerOptions = {
  ...serverOptions,
  'grpc.max_receive_message_length': 64 * 1_024,
  'grpc.max_concurrent_streams': 4,
  'grpc-node.max_session_memory': 1,
  'grpc.max_connection_age_ms': 60_000,
  'grpc.max_connection_age_grace_ms': 10_000,
};
