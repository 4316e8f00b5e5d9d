import { fault } from '../base/errors.ts';
import { checkShare } from './dealing.ts';
import { sealError } from './seal-error.ts';
import type { Share } from './share.ts';
import { manifestHash, parseManifest, type ShareSet } from './share-set.ts';
import type { ShareText } from './share-text.ts';

/** Another set that is known by id, so that a share of it can be named. */
export interface KnownSet {
  readonly setId: string;
  readonly epoch: number;
}

/**
 * The whole check of one share before it counts for anything: the set, the holder, the point on the
 * polynomial. The same for unsealing, for confirming and for an officer's own drill.
 */
export function acceptShare(
  share: ShareText,
  officer: string,
  set: ShareSet,
  others: readonly KnownSet[] = [],
): void {
  const short = (setId: string) => setId.slice(0, 16);
  if (share.setPrefix !== short(set.setId)) {
    const found = others.find((other) => short(other.setId) === share.setPrefix);
    throw fault(sealError.shareWrongSet, {
      officer,
      set: found?.setId ?? share.setPrefix,
      epoch: found?.epoch ?? '?',
      wanted: set.setId,
    });
  }
  const holder = set.holders.find((candidate) => candidate.officer === officer);
  if (holder === undefined) throw fault(sealError.officerNotHolder, { officer, set: set.setId });
  if (holder.number !== share.holder) {
    throw fault(sealError.shareWrongHolder, { officer, set: set.setId, holder: share.holder });
  }
  checkShare(set, officer, share.value);
}

/**
 * A share with everything that its file says, against the manifest that the site or the dealer shows: what a
 * holder does on receipt, alone and offline. Two officers who were dealt from different commitments hold
 * different manifest hashes, so one of them fails here (T17).
 */
export function acceptDealtShare(
  share: Share,
  officer: string,
  manifest: Uint8Array,
  others: readonly KnownSet[] = [],
): ShareSet {
  const set = parseManifest(manifest);
  const shown = { found: share.manifestHash, manifest: manifestHash(manifest) };
  if (set === undefined) throw fault(sealError.manifestMismatch, shown);
  const { site, setId, holder, value } = share;
  if (site !== set.site) throw fault(sealError.shareWrongSite, { officer, found: site, site: set.site });
  if (share.officer !== officer) throw fault(sealError.shareWrongHolder, { officer, set: setId, holder });
  if (setId === set.setId && shown.found !== shown.manifest) throw fault(sealError.manifestMismatch, shown);
  const known = [{ setId, epoch: share.epoch }, ...others];
  acceptShare({ setPrefix: setId.slice(0, 16), holder, value }, officer, set, known);
  return set;
}
