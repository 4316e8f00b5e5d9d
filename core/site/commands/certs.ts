import { trustDomainPattern } from '../../../certs/identity.ts';
import { fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption } from '../../cli/options.ts';
import { register as registerEnrol } from './certs-enrol.ts';
import { register as registerNext } from './certs-next.ts';
import { register as registerPkcs12 } from './certs-p12.ts';
import { register as registerRenew } from './certs-renew.ts';
import { register as registerTable } from './certs-table.ts';
import { addRecipientOption } from './recipient-option.ts';

export interface CertsInitOptions {
  readonly out: string;
  readonly domain: string;
  readonly recipient?: string;
}

/** `tongbu certs`: the authority of a province or of the nation, and the identities that it gives out. */
export function register(group: Command, context: CliContext): void {
  registerInit(group, context);
  registerEnrol(group, context);
  registerPkcs12(group, context);
  registerRenew(group, context);
  registerTable(group, context);
  registerNext(group, context);
}

function registerInit(group: Command, context: CliContext): void {
  const command = group.command('init').description(
    context.text({
      en: 'make an authority: a root that stays off line, and the one that a hub takes over',
      zh: '创建证书机构：离线保存的根，以及由枢纽接管的签发机构',
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
      zh: '信任域，写入每个证书和日志，例如 hunan.example',
    },
    mandatory: true,
    parse: (text) => {
      if (trustDomainPattern.test(text) && text.length <= 128) return text;
      throw fault('TB1618', { option: '--domain', form: 'hunan.example', command: 'tongbu certs init' });
    },
  });
  addRecipientOption(command, context);
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
  command.action(async (options: CertsInitOptions) => {
    const { makeAuthority } = await import('./make-authority.ts');
    await makeAuthority(context, options);
  });
}
