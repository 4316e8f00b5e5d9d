import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption } from '../../cli/options.ts';

export interface CertsPkcs12Options {
  readonly identity: string;
  readonly out: string;
}

/** `tongbu certs p12`: an identity as a file that browsers and operating systems import. */
export function register(group: Command, context: CliContext): void {
  const command = group.command('p12').description(
    context.text({
      en: 'pack an identity into a PKCS#12 file for a browser, locked by a passphrase',
      zh: '将身份打包为供浏览器导入的 PKCS#12 文件，以口令加密',
    }),
  );
  addOption(command, context, {
    flags: '--identity <folder>',
    text: { en: 'folder of the identity', zh: '身份文件目录' },
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--out <file>',
    text: { en: 'new file', zh: '新文件' },
    mandatory: true,
  });
  addExamples(command, context, [
    {
      line: 'tongbu certs p12 --identity zhou --out zhou.p12',
      text: {
        en: 'asks for a passphrase of at least 12 characters, twice; delete the file after the import',
        zh: '询问两次口令（至少 12 个字符）；导入后请删除该文件',
      },
    },
  ]);
  command.action(async (options: CertsPkcs12Options) => {
    const { writePkcs12 } = await import('./write-pkcs12.ts');
    await writePkcs12(context, options);
  });
}
