import { Fault } from '../../core/base/errors.ts';
import type { Channel } from '../../core/link/channel.ts';
import type { BatchFrame, Frame, Refusal } from '../../core/link/messages.ts';
import { helloOf } from '../../core/link/protocol.ts';
import type { LogName, Position } from '../../core/log/batch.ts';
import { encodeBundle } from '../../core/log/bundle.ts';
import { signCheckpoint } from '../../core/log/checkpoint.ts';
import type { SignerKey } from '../../core/log/keys.ts';
import type { RightEdge } from '../../core/log/right-edge.ts';

/** The dialler's side of one Push, frame by frame. */
export class Conversation {
  readonly #channel: Channel;

  private constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Says hello and hears the receiver's position. Throws the refusal when there is one. */
  static async open(channel: Channel, log: LogName, site = log.origin): Promise<[Conversation, Position]> {
    const conversation = new Conversation(channel);
    await conversation.say(helloOf(site, log));
    const position = await conversation.hear('position');
    return [conversation, position];
  }

  static on(channel: Channel): Conversation {
    return new Conversation(channel);
  }

  say(frame: Frame): Promise<void> {
    return this.#channel.send(frame);
  }

  /** The next frame of that kind; what comes before it is skipped. Any other end is thrown. */
  async hear<K extends Frame['kind']>(kind: K): Promise<Extract<Frame, { kind: K }>> {
    for (;;) {
      const frame = await this.#channel.receive();
      if (frame?.kind === kind) return frame as Extract<Frame, { kind: K }>;
      if (!frame || frame.kind === 'refusal') throw new Refused(frame);
    }
  }

  /** How the other side ends it: a refusal, 'ended' without a word, or the fault of a broken call. */
  async end(): Promise<Refusal | Fault | 'ended'> {
    try {
      for (;;) {
        const frame = await this.#channel.receive();
        if (!frame) return 'ended';
        if (frame.kind === 'refusal') return frame;
      }
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  }

  close(): void {
    this.#channel.close();
  }
}

export class Refused extends Error {
  readonly refusal: Refusal | undefined;

  constructor(refusal: Refusal | undefined) {
    super(refusal ? `refused: ${refusal.code}` : 'ended without a word');
    this.refusal = refusal;
  }
}

/** Entries after what `edge` covers, with a checkpoint that is true unless the caller changes it. */
export function batchAfter(
  edge: RightEdge,
  entries: readonly Uint8Array[],
  signer: SignerKey,
): { readonly batch: BatchFrame; readonly edge: RightEdge } {
  const after = edge.clone();
  const bundle = encodeBundle(entries);
  if (entries.length > 0) after.appendBundle(Buffer.from(bundle), entries.length);
  const checkpoint = signCheckpoint({ origin: signer.name, size: after.size, root: after.root() }, signer);
  const { size: first } = edge;
  const batch: BatchFrame = {
    kind: 'batch',
    first,
    count: entries.length,
    compression: 'none',
    entries: bundle,
    checkpoint,
  };
  return { batch, edge: after };
}
