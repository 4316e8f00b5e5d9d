import { wipe } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import type { Seal } from '../../seal/seal.ts';
import type { Share } from '../../seal/share.ts';
import { printShareText } from '../../seal/share-text.ts';
import type { Act } from '../audit/audit.ts';
import type { OpenSite } from '../open-site.ts';
import type { RingAccess } from '../seal/ring-access.ts';

/**
 * Officers who have come to the machine and open the site there, without a certificate and without TLS: the
 * way back for a site that was off for longer than its certificates live, and nobody can call any more.
 */
export interface OpeningHere {
  /**
   * Before the site listens: the ring is open when it returns, and what it throws ends the process. Gives
   * what `audit` has to say of it as soon as it is open.
   */
  enter(seal: Seal, keys: RingAccess): Promise<readonly Act[]>;
  /** The site is open, and nobody has been told yet. What it throws seals it and ends the process. */
  opened(site: OpenSite): Promise<void>;
}

/** A share from its file; `seen` is what the officer's tool remembers of the seal. */
export interface BroughtShare {
  readonly share: Share;
  readonly seen: { readonly epoch: number; readonly journalHead: string } | undefined;
}

/** Throws TB1383 unless as many shares were brought as open the site: asked before anybody types anything. */
export function checkCount(seal: Seal, found: number): void {
  const { site, threshold: required } = seal.status();
  if (found !== required) throw fault('TB1383', { site, required, found });
}

/**
 * Every share through the same checks as over the network, and into the same journal, where it counts as
 * entered `here`. The files name the officers; nothing else vouches for them. Wipes the shares. Throws the
 * share errors; nothing is open then, and what was entered is forgotten with the process.
 */
export function enterHere(seal: Seal, brought: readonly BroughtShare[]): readonly string[] {
  try {
    for (const { share, seen } of brought) {
      const { officer, site, manifestHash } = share;
      const epoch = Math.max(share.epoch, seen?.epoch ?? 0);
      const view = { here: true, site, epoch, manifestHash, journalHead: seen?.journalHead };
      seal.enterShare(officer, printShareText(share), view);
    }
  } finally {
    wipe(...brought.map(({ share }) => share.value));
  }
  return brought.map(({ share }) => share.officer);
}

/** What the audit log says of it, beside the journal's records of every share. */
export function openedHere(officers: readonly string[]): Act {
  return { kind: 'ceremony', step: 'opened-here', by: 'site', subject: officers.join(' ') };
}
