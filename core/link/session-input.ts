import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import type { Channel } from './channel.ts';
import { limits } from './limits.ts';
import type { Frame } from './messages.ts';

type Inbound =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly atMs: number }
  | { readonly kind: 'tick'; readonly atMs: number };

/** What both sessions' mailboxes take. */
interface Inbox {
  post(event: Inbound): void;
  fail(error: unknown): void;
}

/** Hands every frame of the channel to the session; a broken or ended channel ends it with a retryable fault. */
export async function listen(channel: Channel, clock: Clock, mailbox: Inbox): Promise<void> {
  try {
    for (;;) {
      const frame = await channel.receive();
      if (!frame) return mailbox.fail(fault('TB1442', { site: channel.peer.site }));
      mailbox.post({ kind: 'frame', frame, atMs: clock.monotonicMs() });
    }
  } catch (error) {
    mailbox.fail(error);
  }
}

/** Ticks a session until stopped; an abort of `signal` ends the session. */
export function ticking(clock: Clock, signal: AbortSignal, mailbox: Inbox): () => void {
  const stop = new AbortController();
  const aborted = () => mailbox.fail(fault('TB1443'));
  signal.addEventListener('abort', aborted, { once: true });
  void (async () => {
    if (signal.aborted) return aborted();
    while (!stop.signal.aborted) {
      await clock.sleep(limits.heartbeatMs / 2, stop.signal);
      if (!stop.signal.aborted) mailbox.post({ kind: 'tick', atMs: clock.monotonicMs() });
    }
  })();
  return () => {
    stop.abort();
    signal.removeEventListener('abort', aborted);
  };
}
