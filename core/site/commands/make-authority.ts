import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { printResult } from '../../cli/output.ts';
import { encryptSecret } from '../../seal/secret-age-file.ts';
import type { ShareLock } from '../../seal/share-lock.ts';
import { createAuthorityFolder } from '../joining/authority-folder.ts';
import type { CertsInitOptions } from './certs.ts';
import { newPassphrase } from './passphrase.ts';

/** Both keys leave the process encrypted. Throws TB1609 for a folder that holds an authority already. */
export async function makeAuthority(
  context: CliContext,
  { out, domain, recipient }: CertsInitOptions,
): Promise<void> {
  if (existsSync(join(out, 'root.pem'))) throw fault('TB1609', { path: out });
  const lock = await lockOf(context, recipient);
  await createAuthorityFolder(out, { trustDomain: domain, number: 1 }, lock, context);
  printResult(context, { folder: out, trustDomain: domain }, () =>
    context.text({
      en: `The authority of ${domain} is in ${out}.
  root.key.age     take it off line now: it is needed only to renew the issuing authority
  root.pem         public: whoever checks a certificate trusts it
Next: tongbu hub init --authority ${out} …`,
      zh: `${domain} 的证书机构已写入 ${out}。
  root.key.age     请立即离线保存：仅在更换签发机构时需要
  root.pem         公开：校验证书者以它为信任根
下一步：tongbu hub init --authority ${out} …`,
    }),
  );
}

/** Recipient or new passphrase. Throws TB1614. */
export async function lockOf(context: CliContext, recipient: string | undefined): Promise<ShareLock> {
  if (recipient === undefined) {
    const question = { en: 'Passphrase for the authority', zh: '证书机构的口令' };
    return { passphrase: await newPassphrase(context, question) };
  }
  const lock = { recipients: [recipient] };
  try {
    await encryptSecret(new Uint8Array(1), lock);
  } catch (error) {
    throw fault('TB1614', { officer: '--recipient' }, error);
  }
  return lock;
}
