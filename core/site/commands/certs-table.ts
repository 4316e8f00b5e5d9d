import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups, siteCode } from '../../cli/options.ts';
import type { ListOptions, RevokeOptions } from './certificate-acts.ts';
import { addHubTarget } from './hub-target.ts';

/** `tongbu certs list`, `revoke` and `show`: what a hub has issued, and taking it back. */
export function register(group: Command, context: CliContext): void {
  registerList(group, context);
  registerRevoke(group, context);
  registerShow(group, context);
}

function registerList(group: Command, context: CliContext): void {
  const command = group
    .command('list')
    .description(context.text({ en: 'every certificate that a hub issued', zh: '枢纽签发的全部证书' }));
  addHubTarget(command, context, 'tongbu certs list');
  addHolderOptions(command, context);
  addOption(command, context, {
    flags: '--state <state>',
    text: { en: 'only these', zh: '只看此状态' },
    choices: ['valid', 'superseded', 'expired', 'revoked'],
  });
  addExamples(command, context, [
    {
      line: 'tongbu certs list --data province --site 430121 --state valid',
      text: { en: 'what a county is using now', zh: '某县正在使用的证书' },
    },
  ]);
  command.action(async (options: ListOptions) => {
    const { listCertificates } = await import('./certificate-acts.ts');
    await listCertificates(context, options);
  });
}

function registerRevoke(group: Command, context: CliContext): void {
  const command = group.command('revoke').description(
    context.text({
      en: 'take certificates back: of a fingerprint, of a person, or of a site, which is dismissed',
      zh: '吊销证书：按指纹、按人员，或按站点（站点将被注销）',
    }),
  );
  addHubTarget(command, context, 'tongbu certs revoke');
  addOption(command, context, {
    flags: '--fingerprint <sha256>',
    text: { en: 'of one certificate, as any tool prints it', zh: '单个证书的指纹，任何工具的写法均可' },
  });
  addHolderOptions(command, context);
  addOption(command, context, {
    flags: '--reason <reason>',
    text: { en: 'why', zh: '原因' },
    choices: ['key-compromise', 'left', 'superseded', 'site-dismissed'],
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--note <text>',
    text: {
      en: 'in your own words, for the audit log; no personal data',
      zh: '说明，写入审计日志；不得含个人信息',
    },
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--dry-run',
    text: { en: 'only say what would be revoked', zh: '只列出将被吊销的证书' },
  });
  addOption(command, context, {
    flags: '--yes',
    text: { en: 'do not ask', zh: '不再询问' },
  });
  addExamples(command, context, [
    {
      line: 'tongbu certs revoke --data province --as officer-zhao --site 430121 --role operator --name li --reason left --note "left the office"',
      text: { en: 'one person: calls end within a second', zh: '单个人员：其连接一秒内中断' },
    },
    {
      line: 'tongbu certs revoke --data province --as officer-zhao --site 430121 --reason key-compromise --note "server stolen" --dry-run',
      text: { en: 'what dismissing a whole site would take back', zh: '查看注销整个站点将吊销哪些证书' },
    },
  ]);
  command.action(async (options: RevokeOptions) => {
    const { revokeCertificates } = await import('./certificate-acts.ts');
    await revokeCertificates(context, options);
  });
}

function registerShow(group: Command, context: CliContext): void {
  const command = group.command('show').description(
    context.text({
      en: 'what a certificate, request or revocation list says, offline',
      zh: '离线查看证书、申请或吊销列表的内容',
    }),
  );
  command.argument(
    '<file>',
    context.text({ en: 'PEM or DER file, or the folder of an identity', zh: 'PEM 或 DER 文件，或身份目录' }),
  );
  addExamples(command, context, [
    {
      line: 'tongbu certs show officer-zhao',
      text: { en: 'who, until when, and the words of the key', zh: '持有人、有效期与密钥词' },
    },
  ]);
  command.action(async (file: string) => {
    const { showFile } = await import('./show-certificates.ts');
    await showFile(context, file);
  });
}

function addHolderOptions(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--site <code>',
    text: { en: 'site in the certificate', zh: '证书中的站点代码' },
    group: groups.data,
    parse: siteCode('--site'),
  });
  addOption(command, context, {
    flags: '--role <role>',
    text: { en: 'role in the certificate', zh: '证书中的角色' },
    group: groups.data,
  });
  addOption(command, context, {
    flags: '--name <name>',
    text: { en: 'name in the certificate', zh: '证书中的姓名代号' },
    group: groups.data,
  });
}
