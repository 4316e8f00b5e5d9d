import type { Metadata, ServerDuplexStream, ServerWritableStream, UntypedHandleCall } from '@grpc/grpc-js';
import { fault } from '../base/errors.ts';
import type { Channel, Peer } from '../link/channel.ts';
import type { FrameMessage } from './codec.ts';
import { statusOf } from './status.ts';
import { StreamChannel } from './stream-channel.ts';
import { unaryHandler } from './unary.ts';

/** How a method is answered. Whatever a handler throws reaches the caller as a fault with its code. */
export type Handler =
  | { readonly kind: 'unary'; handle(request: never, peer: Peer): Promise<object> }
  | {
      readonly kind: 'stream';
      handle(request: never, peer: Peer, signal: AbortSignal): AsyncIterable<object>;
    }
  /** One answer for each request, in order. */
  | { readonly kind: 'portions'; open(peer: Peer): Portions }
  | { readonly kind: 'frames'; handle(channel: Channel): Promise<void> };

/** One call of many requests. */
export interface Portions {
  answer(request: never): Promise<object>;
  /**
   * The call is over, before its status is sent: `error` is what ended it, undefined when the caller said
   * that it was all. What this throws reaches a caller that is still there.
   */
  ended?(error: unknown): void;
}

/** Methods of one service of package tongbu.v1, by their name in camel case. */
export type ServiceHandlers = Readonly<Record<string, Handler>>;

export type PeerOf = (call: { readonly metadata: Metadata }) => Peer;

export function grpcHandler(handler: Handler, peerOf: PeerOf): UntypedHandleCall {
  switch (handler.kind) {
    case 'unary':
      return unaryHandler(async (request, call) => handler.handle(request as never, peerOf(call)));
    case 'stream':
      return (call: ServerWritableStream<unknown, object>) => {
        const gone = new AbortController();
        call.on('cancelled', () => gone.abort());
        void pour(call, () => handler.handle(call.request as never, peerOf(call), gone.signal));
      };
    case 'portions':
      return (call: ServerDuplexStream<unknown, object>) =>
        void answerPortions(call, () => handler.open(peerOf(call)));
    case 'frames':
      return (call: ServerDuplexStream<FrameMessage, FrameMessage>) => {
        const channel = new StreamChannel(call, peerOf(call));
        handler.handle(channel).then(
          () => channel.close(),
          (error: unknown) => fail(call, error),
        );
      };
  }
}

async function pour(
  call: ServerWritableStream<unknown, object>,
  answers: () => AsyncIterable<object>,
): Promise<void> {
  try {
    for await (const answer of answers()) {
      if (call.cancelled) return;
      if (!call.write(answer)) await drained(call);
    }
    call.end();
  } catch (error) {
    fail(call, error);
  }
}

async function answerPortions(
  call: ServerDuplexStream<unknown, object>,
  open: () => Portions,
): Promise<void> {
  let portions: Portions | undefined;
  const end = (error?: unknown) => {
    const ended = portions;
    portions = undefined;
    ended?.ended?.(error);
  };
  try {
    portions = open();
    const { answer } = portions;
    // Reading one by one is the back-pressure: the transport's window holds what has not been read.
    // What ends the loop must not destroy the stream, or its status would never be sent.
    for await (const request of call.iterator({ destroyOnReturn: false })) {
      if (!call.write(await answer(request as never))) await drained(call);
    }
    end(call.cancelled ? fault('TB1340', { reason: 'cancelled' }) : undefined);
    call.end();
  } catch (error) {
    try {
      end(error);
      fail(call, error);
    } catch (worse) {
      fail(call, worse);
    }
  }
}

/** The transport sends a status for an `error` event; a destroyed stream sends nothing: the caller waits. */
function fail(call: NodeJS.EventEmitter, error: unknown): void {
  call.emit('error', Object.assign(new Error('ended'), statusOf(error)));
}

/** Resolves too when the stream is gone, so that nobody waits for ever. */
function drained(call: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'cancelled', 'close']) call.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'cancelled', 'close']) call.once(event, done);
  });
}
