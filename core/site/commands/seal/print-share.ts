import { wipe } from '../../../base/bytes.ts';
import { fault } from '../../../base/errors.ts';
import type { CliContext } from '../../../cli/context.ts';
import { printData, printResult } from '../../../cli/output.ts';
import type { Share } from '../../../seal/share.ts';
import { printShareText } from '../../../seal/share-text.ts';
import { writeNewFile } from './new-file.ts';
import { readOwnShare } from './own-share.ts';

export interface PrintOptions {
  readonly share: string;
  readonly identity?: string;
  readonly out?: string;
  readonly yes?: boolean;
}

/** A page to be printed and locked away: to a file for its owner alone, to a screen only on demand. */
export async function printShare(context: CliContext, options: PrintOptions): Promise<void> {
  const { out, yes = false } = options;
  // Before the passphrase is asked.
  if (out === undefined && (context.json || !yes)) throw fault('TB1261');
  const share = await readOwnShare(context, options.share, options.identity);
  const page = context.text({ en: englishPage(share), zh: chinesePage(share) });
  wipe(share.value);
  if (out === undefined) return printData(context, page);
  writeNewFile(out, `${page}\n`);
  const { officer, site, setId: set, manifestHash: manifest } = share;
  printResult(context, { path: out, officer, site, set, manifest }, () =>
    context.text({
      en: `${out} written. Print it, put the page into a sealed envelope, then delete the file.`,
      zh: `已写入 ${out}。请打印并装入封套封存，然后删除该文件。`,
    }),
  );
}

/** Six characters a group and two rows: short enough to be read out and typed without losing the place. */
function grouped(share: Share): string {
  const groups =
    printShareText(share)
      .toUpperCase()
      .match(/.{1,6}/g) ?? [];
  const rows = [groups.slice(0, 7), groups.slice(7)];
  return rows.map((row) => `    ${row.join(' ')}`).join('\n');
}

function lines(hex: string): string {
  return (hex.match(/.{1,8}/g) ?? []).join(' ');
}

function englishPage(share: Share): string {
  return `TONGBU SHARE: SECRET

Site        ${share.site}
Officer     ${share.officer}, holder ${share.holder} of ${share.holders}
Needed      ${share.threshold} of ${share.holders} officers
Set         ${share.setId}
Epoch       ${share.epoch}
Manifest    ${lines(share.manifestHash)}

Share

${grouped(share)}

78 characters; blanks, line ends and capitals do not matter. A typing error is
noticed. To enter it: tongbu seal unseal --typed
Whoever holds this page holds the share. When the holders are changed the page
opens nothing any more: destroy it then.`;
}

function chinesePage(share: Share): string {
  return `同步（Tongbu）密钥份额：机密

站点        ${share.site}
安全员      ${share.officer}，第 ${share.holder} 号，共 ${share.holders} 人
解封所需    ${share.holders} 人中的 ${share.threshold} 人
份额集      ${share.setId}
期号        ${share.epoch}
清单散列    ${lines(share.manifestHash)}

份额

${grouped(share)}

共 78 个字符；空格、换行和大小写均不影响。输入错误会被发现。
输入方法：tongbu seal unseal --typed
持有本页即持有份额。更换持有人后本页作废，请予销毁。`;
}
