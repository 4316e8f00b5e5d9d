import type { ClientDuplexStream, ServerDuplexStream } from '@grpc/grpc-js';
import { Fault, fault } from '../base/errors.ts';
import type { Channel, Peer } from '../link/channel.ts';
import type { Frame } from '../link/messages.ts';
import { decodeFrame, encodeFrame, type FrameMessage } from './codec.ts';
import { faultOf } from './status.ts';

type FrameStream =
  | ClientDuplexStream<FrameMessage, FrameMessage>
  | ServerDuplexStream<FrameMessage, FrameMessage>;

/** Frames read ahead of `receive`; above it the transport is paused, which slows the other side. */
const aheadMax = 4;

/** A conversation on one gRPC stream, client's or server's. */
export class StreamChannel implements Channel {
  readonly peer: Peer;
  readonly #stream: FrameStream;
  readonly #ahead: FrameMessage[] = [];
  #over: { readonly error: unknown } | undefined;
  #arrived: (() => void) | undefined;
  #drained: (() => void) | undefined;
  #closed = false;

  constructor(stream: FrameStream, peer: Peer) {
    this.#stream = stream;
    this.peer = peer;
    stream.on('data', (message: FrameMessage) => {
      this.#ahead.push(message);
      if (this.#ahead.length >= aheadMax) stream.pause();
      this.#arrived?.();
    });
    stream.on('end', () => this.#finish(undefined));
    // Whatever the other side says ends the conversation, never this process.
    stream.on('error', (error: unknown) => this.#finish(faultOf(error).heard()));
    stream.on('cancelled', () => this.#finish(fault('TB1442', { site: peer.site })));
    stream.on('close', () => this.#finish(fault('TB1442', { site: peer.site })));
    stream.on('drain', () => this.#drained?.());
  }

  async send(frame: Frame): Promise<void> {
    if (this.#over || this.#closed) throw this.#broken();
    if (this.#stream.write(encodeFrame(frame))) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    this.#drained = undefined;
  }

  async receive(): Promise<Frame | undefined> {
    while (this.#ahead.length === 0) {
      if (this.#over) {
        if (this.#over.error) throw this.#over.error;
        return undefined;
      }
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
      this.#arrived = undefined;
    }
    const message = this.#ahead.shift();
    if (this.#ahead.length < aheadMax) this.#stream.resume();
    return message && decodeFrame(message);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#drained?.();
    if (!this.#over) this.#stream.end();
    // Frames that come after we have closed are of no use; reading them lets the stream end.
    this.#stream.resume();
  }

  #broken(): unknown {
    const error = this.#over?.error;
    return error instanceof Fault ? error : fault('TB1442', { site: this.peer.site });
  }

  #finish(error: unknown): void {
    this.#over ??= { error };
    this.#arrived?.();
    this.#drained?.();
  }
}
