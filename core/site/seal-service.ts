import { assert } from '../base/assert.ts';
import type { Peer } from '../link/channel.ts';
import type { Seal } from '../seal/seal.ts';
import type { ServiceHandlers } from '../wire/handlers.ts';

interface ShareMessage {
  readonly share: string;
  readonly ceremonyId: string;
  readonly site: string;
  readonly epoch: number;
  readonly manifestHash: string;
  readonly journalHead: string;
}

/** The one service that a sealed site answers. */
export function sealService(
  seal: Seal,
  opened: () => Promise<void>,
  closed: (by: string, reason: string) => Promise<void>,
): ServiceHandlers {
  const status = () => ({ status: statusMessage(seal) });
  return {
    getSealStatus: { kind: 'unary', handle: async () => status() },
    enterShare: {
      kind: 'unary',
      handle: async ({ share, ...seen }: ShareMessage, peer: Peer) => {
        // The certificate says whose share this must be.
        const progress = seal.enterShare(peer.name, share, {
          ceremonyId: seen.ceremonyId || undefined,
          site: seen.site || undefined,
          epoch: seen.epoch || undefined,
          manifestHash: seen.manifestHash || undefined,
          journalHead: seen.journalHead || undefined,
        });
        if (progress.opened) await opened();
        return status();
      },
    },
    sealSite: {
      kind: 'unary',
      handle: async ({ reason }: { reason: string }, peer: Peer) => {
        await closed(peer.name, reason.slice(0, 500));
        seal.seal(peer.name);
        return status();
      },
    },
  };
}

function statusMessage(seal: Seal): object {
  const status = seal.status();
  assert(status.site !== '', 'a seal knows its site');
  return {
    site: status.site,
    state: status.state,
    epoch: status.epoch,
    setId: status.setId ?? '',
    threshold: status.threshold,
    holders: status.holders,
    received: status.received,
    ceremonyId: status.ceremony?.id ?? '',
    expiresMs: status.expiresAtMs ?? 0,
    manifestHash: status.manifestHash ?? '',
    journalHead: status.journalHead,
  };
}
