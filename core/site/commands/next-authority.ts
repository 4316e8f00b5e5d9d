import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generationOf } from '../../../certs/authority.ts';
import { trustDomainOf } from '../../../certs/issued-identity.ts';
import { fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { printResult } from '../../cli/output.ts';
import { createAuthorityFolder, reissueRootList } from '../joining/authority-folder.ts';
import { readPem } from '../trust/identity-folder.ts';
import { lockOf } from './make-authority.ts';
import { keyFor } from './passphrase.ts';

export interface NextOptions {
  readonly authority: string;
  readonly out: string;
  readonly recipient?: string;
}

export interface RootListOptions {
  readonly authority: string;
  readonly authorityIdentity?: string;
}

/** The old keys are not needed: the new root signs itself. Throws TB1003, TB1609. */
export async function nextAuthority(
  context: CliContext,
  { authority, out, recipient }: NextOptions,
): Promise<void> {
  const [root] = readPem(join(authority, 'root.pem'), 'CERTIFICATE');
  if (!root) throw fault('TB1003', { path: join(authority, 'root.pem') });
  if (existsSync(join(out, 'root.pem'))) throw fault('TB1609', { path: out });
  const generation = { trustDomain: trustDomainOf(root), number: generationOf(root) + 1 };
  const lock = await lockOf(context, recipient);
  await createAuthorityFolder(out, generation, lock, context);
  printResult(context, { folder: out, ...generation }, () =>
    context.text({
      en: `Generation ${generation.number} of ${generation.trustDomain} is in ${out}.
Next: tongbu certs roll-over --data HUB --authority ${out} --step trust --reason "…"`,
      zh: `${generation.trustDomain} 的第 ${generation.number} 代证书机构已写入 ${out}。
下一步：tongbu certs roll-over --data 枢纽 --authority ${out} --step trust --reason "…"`,
    }),
  );
}

/** Throws TB1003, TB1224 for the wrong key. */
export async function renewRootList(
  context: CliContext,
  { authority, authorityIdentity }: RootListOptions,
): Promise<void> {
  const question = { en: 'Passphrase of the authority', zh: '证书机构的口令' };
  const key = await keyFor(context, authorityIdentity, question);
  const { path, number, nextUpdateMs } = await reissueRootList(authority, key, context);
  const until = new Date(nextUpdateMs).toISOString();
  printResult(context, { file: path, number, until }, () =>
    context.text({
      en: `List ${number} of the root is in ${path}, valid until ${until}.
Next, at the hub: tongbu certs put-list ${path} --data HUB`,
      zh: `根证书的第 ${number} 号吊销列表已写入 ${path}，有效期至 ${until}。
下一步，在枢纽执行：tongbu certs put-list ${path} --data 枢纽`,
    }),
  );
}
