import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wipe } from '../../../base/bytes.ts';
import { fault } from '../../../base/errors.ts';
import type { CliContext } from '../../../cli/context.ts';
import { promptSecret } from '../../../cli/prompt.ts';
import type { Share } from '../../../seal/share.ts';
import { readShareFile } from '../../../seal/share-file.ts';
import { keptShare } from '../../../seal/share-keeper.ts';
import { parseShareText, printShareText } from '../../../seal/share-text.ts';
import { keyFor } from '../passphrase.ts';
import { officerIn } from './officer-in.ts';
import { SealSession, type ShownShare } from './session.ts';
import type { ShareOptions } from './share-options.ts';

/** The officer's own share as far as it is known here; `text` is secret and can't be wiped: it is short-lived. */
export interface OwnShare extends ShownShare {
  readonly officer: string;
  /** First 8 bytes of the set id, hex. */
  readonly setPrefix: string;
  /** Absent for a typed one, as are set id, epoch and manifest hash. */
  readonly site?: string;
  readonly setId?: string;
}

/** The share set that a share is meant for, as the site shows it. */
export interface WantedSet {
  readonly setId: string;
  readonly manifestHash: string;
}

/**
 * Connects, and takes the officer's share from its file, from the keyboard or from the key store, in this
 * order. Throws what those throw, and connectTarget's.
 */
export async function sessionWithShare(
  context: CliContext,
  options: ShareOptions,
): Promise<{ session: SealSession; share: OwnShare }> {
  if (options.share !== undefined) {
    // Opened before anybody is called: a wrong passphrase needs no site.
    const share = await readOwnShare(context, options.share, options.identity);
    const { officer } = share;
    const folder = (people: string) => join(people, `officer-${officer}`);
    const session = await SealSession.open(context, options, (at) => folder(at.folder?.paths.people ?? ''));
    return { session, share: shown(share) };
  }
  const session = await SealSession.open(context, options, officerIn);
  try {
    const share = options.typed
      ? await typedShare(context, session.caller)
      : await storedShare({ site: session.site, officer: session.caller });
    return { session, share };
  } catch (error) {
    session[Symbol.dispose]();
    throw error;
  }
}

/** The content of a share file; the caller wipes the value. Throws TB1003, TB1224, TB1209. */
export async function readOwnShare(
  context: CliContext,
  path: string,
  identity: string | undefined,
): Promise<Share> {
  const question = { en: 'Passphrase of the share file', zh: '份额文件的口令' };
  return readShareFile(readFile(path), await keyFor(context, identity, question));
}

/**
 * What is asked of the site before it is told anything: the share must be of the set that is wanted there.
 * Throws SHARE_WRONG_SITE, SHARE_WRONG_SET, MANIFEST_MISMATCH.
 */
export function checkShareOf(share: OwnShare, site: string, wanted: WantedSet): void {
  const { officer } = share;
  if (share.site !== undefined && share.site !== site) {
    throw fault('TB1210', { officer, found: share.site, site });
  }
  if (!wanted.setId.startsWith(share.setPrefix) || (share.setId ?? wanted.setId) !== wanted.setId) {
    const set = share.setId ?? share.setPrefix;
    throw fault('TB1211', { officer, set, epoch: share.epoch ?? '?', wanted: wanted.setId });
  }
  if (share.manifestHash !== undefined && share.manifestHash !== wanted.manifestHash) {
    throw fault('TB1216', { found: share.manifestHash, manifest: wanted.manifestHash });
  }
}

async function typedShare(context: CliContext, officer: string): Promise<OwnShare> {
  const question = { en: 'Share, as printed (tbs1…)', zh: '打印页上的份额（tbs1…）' };
  const text = (await promptSecret(context, question)).replaceAll(/\s+/g, '').toLowerCase();
  const { setPrefix, value } = parseShareText(text, officer);
  wipe(value);
  return { officer, text, setPrefix };
}

async function storedShare(place: Pick<Share, 'site' | 'officer'>): Promise<OwnShare> {
  const share = await keptShare(place);
  if (!share) throw fault('TB1232', place);
  return shown(share);
}

function shown(share: Share): OwnShare {
  const { officer, site, setId, epoch, manifestHash, value } = share;
  const text = printShareText(share);
  wipe(value);
  return { officer, site, setId, epoch, manifestHash, text, setPrefix: setId.slice(0, 16) };
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}
