import { assert } from '../base/assert.ts';
import { wipe } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { sealLimits } from './limits.ts';
import { sealError } from './seal-error.ts';
import { decryptSecret, encryptSecret } from './secret-age-file.ts';
import type { Share } from './share.ts';
import type { ShareKey, ShareLock } from './share-lock.ts';
import { parseShareText, printShareText } from './share-text.ts';

const first = 'tongbu share v1';

/** The armored content of `NAME.share.age`, which Debian's `age` opens too. */
export async function printShareFile(share: Share, lock: ShareLock): Promise<string> {
  if ('recipients' in lock) assert(lock.recipients.length > 0, 'a share file has a recipient');
  else {
    const min = sealLimits.passphraseCharactersMin;
    if ([...lock.passphrase].length < min) throw fault(sealError.passphraseTooShort, { min });
  }
  const text = Buffer.from(shareLines(share, printShareText(share)));
  const file = await encryptSecret(text, lock);
  wipe(text);
  return file;
}

/** Opens and checks a share file. Throws TB1224, or SHARE_MALFORMED for a wrong share line in it. */
export async function readShareFile(file: Uint8Array, key: ShareKey): Promise<Share> {
  if (file.length > sealLimits.shareFileBytesMax) throw unreadable('size');
  const text = await decryptSecret(Buffer.from(file).toString('latin1'), key);
  const share = parseLines(Buffer.from(text).toString('latin1'));
  wipe(text);
  return share;
}

function shareLines(share: Share, shareText: string): string {
  const lines = [
    first,
    `site ${share.site}`,
    `set ${share.setId}`,
    `epoch ${share.epoch}`,
    `threshold ${share.threshold} of ${share.holders}`,
    `holder ${share.holder} ${share.officer}`,
    `manifest sha256:${share.manifestHash}`,
    shareText,
  ];
  return `${lines.join('\n')}\n`;
}

function parseLines(text: string): Share {
  const form = new RegExp(
    `^${first}\nsite ([0-9]{6})\nset ([0-9a-f]{32})\nepoch ([1-9][0-9]{0,14})\n` +
      'threshold ([1-9][0-9]?) of ([1-9][0-9]?)\nholder ([1-9][0-9]?) ([a-z0-9-]{1,32})\n' +
      'manifest sha256:([0-9a-f]{64})\n([0-9a-zA-Z]+)\n$',
  );
  const fields = form.exec(text)?.slice(1);
  if (fields === undefined) throw unreadable('content');
  const [site = '', setId = '', epoch, threshold, holders, holder, officer = '', manifestHash = ''] = fields;
  const { setPrefix, holder: number, value } = parseShareText(fields[8] ?? '', officer);
  if (number !== Number(holder) || !setId.startsWith(setPrefix)) throw unreadable('content');
  return {
    site,
    setId,
    epoch: Number(epoch),
    threshold: Number(threshold),
    holders: Number(holders),
    holder: number,
    officer,
    manifestHash,
    value,
  };
}

function unreadable(reason: string): Error {
  return fault(sealError.shareFileUnreadable, { reason });
}
