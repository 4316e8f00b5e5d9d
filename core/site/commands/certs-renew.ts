import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption } from '../../cli/options.ts';
import { addDataOption } from './data-option.ts';
import { addAddressOption } from './hub-target.ts';
import type { RenewOptions } from './renew-identity.ts';

/** `tongbu certs renew`: the next certificate of a person or business system. Sites renew their own. */
export function register(group: Command, context: CliContext): void {
  const command = group.command('renew').description(
    context.text({
      en: 'renew the certificate of a person or business system, with a new key',
      zh: '用新密钥为人员或业务系统的证书续期',
    }),
  );
  addOption(command, context, {
    flags: '--identity <folder>',
    text: { en: 'folder of the identity', zh: '身份文件目录' },
    mandatory: true,
  });
  addDataOption(command, context, { optional: true });
  addAddressOption(command, context, 'tongbu certs renew');
  addExamples(command, context, [
    {
      line: 'tongbu certs renew --identity officer-zhao --address hub.hunan.example:7443',
      text: {
        en: 'at any time before it ends; afterwards enrol again',
        zh: '到期之前随时可续；到期后须重新准入',
      },
    },
    {
      line: 'tongbu certs renew --identity county/people/operator-li --data county',
      text: { en: 'finds the hub in the configuration of the site', zh: '从站点配置中查得枢纽地址' },
    },
  ]);
  command.action(async (options: RenewOptions) => {
    const { renewIdentity } = await import('./renew-identity.ts');
    await renewIdentity(context, options);
  });
}
