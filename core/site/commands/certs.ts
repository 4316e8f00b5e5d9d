import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { trustDomainPattern } from '../../../certs/identity.ts';
import { fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { printResult } from '../../cli/output.ts';
import { encryptSecret } from '../../seal/secret-age-file.ts';
import type { ShareLock } from '../../seal/share-lock.ts';
import { createAuthorityFolder } from '../authority-folder.ts';
import { newPassphrase } from './passphrase.ts';

interface CertsInitOptions {
  readonly out: string;
  readonly domain: string;
  readonly recipient?: string;
}

/** `tongbu certs init`: the authority of a province, or of the nation. */
export function register(group: Command, context: CliContext): void {
  const command = group.command('init').description(
    context.text({
      en: 'make an authority: a root that stays off line, and the one that a hub takes over',
      zh: '创建证书机构:离线保存的根,以及由枢纽接管的签发机构',
    }),
  );
  addOption(command, context, {
    flags: '--out <folder>',
    text: { en: 'new folder of the authority', zh: '证书机构的新目录' },
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--domain <domain>',
    text: {
      en: 'trust domain, which stands in every certificate and log: hunan.example',
      zh: '信任域,写入每个证书和日志,例如 hunan.example',
    },
    mandatory: true,
    parse: (text) => {
      if (trustDomainPattern.test(text) && text.length <= 128) return text;
      throw fault('TB1618', { option: '--domain', form: 'hunan.example', command: 'tongbu certs init' });
    },
  });
  addOption(command, context, {
    flags: '--recipient <age1…>',
    text: {
      en: 'age recipient to whom both keys are encrypted; without it a passphrase is asked',
      zh: '用于加密两个私钥的 age 公钥;不给则询问口令',
    },
    group: groups.keys,
  });
  addExamples(command, context, [
    {
      line: 'tongbu certs init --out authority --domain hunan.example',
      text: { en: 'asks for a passphrase, twice', zh: '询问口令两次' },
    },
    {
      line: 'tongbu certs init --out authority --domain hunan.example --recipient age1…',
      text: { en: 'for the holder of that age key', zh: '加密给该 age 密钥的持有人' },
    },
  ]);
  command.action((options: CertsInitOptions) => init(context, options));
}

async function init(context: CliContext, { out, domain, recipient }: CertsInitOptions): Promise<void> {
  if (existsSync(join(out, 'root.pem'))) throw fault('TB1609', { path: out });
  const lock = await lockOf(context, recipient);
  await createAuthorityFolder(out, domain, lock, context);
  printResult(context, { folder: out, trustDomain: domain }, () =>
    context.text({
      en: `The authority of ${domain} is in ${out}.
  root.key.age     take it off line now: it is needed only to renew the issuing authority
  root.pem         public: whoever checks a certificate trusts it
Next: tongbu hub init --authority ${out} …`,
      zh: `${domain} 的证书机构已写入 ${out}。
  root.key.age     请立即离线保存:仅在更换签发机构时需要
  root.pem         公开:校验证书者以它为信任根
下一步:tongbu hub init --authority ${out} …`,
    }),
  );
}

async function lockOf(context: CliContext, recipient: string | undefined): Promise<ShareLock> {
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
