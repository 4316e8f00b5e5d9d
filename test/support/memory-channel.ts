import { fault } from '../../core/base/errors.ts';
import type { Channel, Peer } from '../../core/link/channel.ts';
import type { Frame } from '../../core/link/messages.ts';

/** A conversation in memory: both ends, and switches that break it like a pulled cable. */
export interface MemoryLine {
  readonly left: Channel;
  readonly right: Channel;
  break(): void;
  /** Nothing arrives any more, and nobody is told. */
  mute(): void;
}

export function peerOf(site: string): Peer {
  return { site, trustDomain: 'tongbu.example', role: 'node', name: '', fingerprint: site.repeat(10) };
}

export function memoryLine(leftSite: string, rightSite: string): MemoryLine {
  const ends = [new MemoryEnd(peerOf(rightSite)), new MemoryEnd(peerOf(leftSite))] as const;
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return {
    left: ends[0],
    right: ends[1],
    break: () => {
      for (const end of ends) end.tear();
    },
    mute: () => {
      for (const end of ends) end.mute();
    },
  };
}

class MemoryEnd implements Channel {
  readonly peer: Peer;
  other: MemoryEnd | undefined;
  readonly #frames: Frame[] = [];
  #state: 'open' | 'ended' | 'torn' = 'open';
  #arrived: (() => void) | undefined;
  #muted = false;

  constructor(peer: Peer) {
    this.peer = peer;
  }

  async send(frame: Frame): Promise<void> {
    if (this.#state === 'torn') throw fault('TB1442', { site: this.peer.site });
    this.other?.take(frame);
  }

  async receive(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame) return frame;
      if (this.#state === 'ended') return undefined;
      if (this.#state === 'torn') throw fault('TB1442', { site: this.peer.site });
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  close(): void {
    this.other?.end();
  }

  mute(): void {
    this.#muted = true;
  }

  take(frame: Frame): void {
    if (this.#muted) return;
    this.#frames.push(frame);
    this.#arrived?.();
  }

  end(): void {
    if (this.#muted) return;
    if (this.#state === 'open') this.#state = 'ended';
    this.#arrived?.();
  }

  tear(): void {
    this.#state = 'torn';
    this.#arrived?.();
  }
}
