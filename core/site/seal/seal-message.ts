import { assert } from '../../base/assert.ts';
import type { Seal } from '../../seal/seal.ts';

/** SealStatus of seal.proto, filled from the seal as it is now. */
export function sealMessage(seal: Seal): object {
  const status = seal.status();
  assert(status.site !== '', 'a seal knows its site');
  const { ceremony, pending } = status;
  return {
    site: status.site,
    state: status.state,
    epoch: status.epoch,
    setId: status.setId ?? '',
    threshold: status.threshold,
    holders: status.holders,
    officers: status.officers,
    manifestHash: status.manifestHash ?? '',
    journalHead: status.journalHead,
    received: status.received,
    lost: status.lost,
    unproved: status.unproved,
    ceremonyId: ceremony?.id ?? '',
    ceremonyKind: ceremony?.kind ?? '',
    openedBy: ceremony?.openedBy ?? '',
    reason: ceremony?.reason ?? '',
    required: ceremony?.required ?? 0,
    expiresMs: status.expiresAtMs ?? 0,
    pendingSetId: pending?.setId ?? '',
    pendingThreshold: pending?.threshold ?? 0,
    pendingOfficers: pending?.officers ?? [],
    pendingManifestHash: pending?.manifestHash ?? '',
    proved: pending?.proved ?? [],
    ordered: pending?.ordered ?? [],
    changeId: pending?.setId === undefined ? '' : pending.changeId,
    changeExpiresMs: pending?.setId === undefined ? 0 : pending.expiresAtMs,
  };
}
