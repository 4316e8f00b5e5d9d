import { wipe } from '../../../base/bytes.ts';
import { fault } from '../../../base/errors.ts';
import type { CliContext } from '../../../cli/context.ts';
import { printResult } from '../../../cli/output.ts';
import { forgetShare, keepShare } from '../../../seal/share-keeper.ts';
import { readOwnShare } from './own-share.ts';

export interface KeepOptions {
  readonly share: string;
  readonly identity?: string;
}

/** Puts the officer's own share into the key store of the officer's own computer. */
export async function keep(context: CliContext, options: KeepOptions): Promise<void> {
  const share = await readOwnShare(context, options.share, options.identity);
  const { officer, site } = share;
  await keepShare(share).finally(() => wipe(share.value));
  printResult(context, { kept: true, officer, site }, () =>
    context.text({
      en: `The share of ${officer} for site ${site} is in the key store; \`tongbu seal unseal\` finds it there.`,
      zh: `${officer} 在站点 ${site} 的份额已存入系统密钥库；\`tongbu seal unseal\` 会自动取用。`,
    }),
  );
}

export interface ForgetOptions {
  readonly site: string;
  readonly officer: string;
}

/** Takes it out again. Throws TB1232 when there was none. */
export async function forget(context: CliContext, { site, officer }: ForgetOptions): Promise<void> {
  if (!(await forgetShare({ site, officer }))) throw fault('TB1232', { site, officer });
  printResult(context, { kept: false, officer, site }, () =>
    context.text({
      en: `The key store holds no share of ${officer} for site ${site} any more.`,
      zh: `系统密钥库中已无 ${officer} 在站点 ${site} 的份额。`,
    }),
  );
}
