import { fault } from '../base/errors.ts';
import type { Journal } from './journal.ts';
import { sealError } from './seal-error.ts';
import type { StoredSet } from './seal-state.ts';
import { manifestHash } from './share-set.ts';

/** What an officer's tool knows from the share file and from earlier calls, and wants to see unchanged. */
export interface OfficerView {
  /** The ceremony that the officer means; needed from the second share on where several could be open. */
  readonly ceremonyId?: string | undefined;
  readonly site?: string | undefined;
  /** The highest epoch seen; a lower one at the site is an old file put back. */
  readonly epoch?: number | undefined;
  readonly manifestHash?: string | undefined;
  /** The journal head of the last answer; it must still be in the chain. */
  readonly journalHead?: string | undefined;
  /** Entered at the terminal of the site itself, without a certificate: the journal says so. */
  readonly here?: boolean | undefined;
}

/** Throws SHARE_WRONG_SITE, STATE_OLDER, MANIFEST_MISMATCH or TB1222; silent about what was not said. */
export function checkOfficerView(
  view: OfficerView,
  officer: string,
  active: StoredSet,
  epoch: number,
  journal: Journal,
): void {
  const { site } = active.set;
  if (view.site !== undefined && view.site !== site) {
    throw fault(sealError.shareWrongSite, { officer, found: view.site, site });
  }
  if (view.epoch !== undefined && view.epoch > epoch) {
    throw fault(sealError.stateOlder, { officer, epoch, seen: view.epoch });
  }
  if (view.journalHead !== undefined && !journal.contains(view.journalHead)) {
    throw fault(sealError.journalRewritten, { officer });
  }
  const manifest = manifestHash(active.manifest);
  if (view.manifestHash !== undefined && view.manifestHash !== manifest) {
    throw fault(sealError.manifestMismatch, { found: view.manifestHash, manifest });
  }
}
