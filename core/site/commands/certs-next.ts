import { fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { addHubTarget } from './hub-target.ts';
import type { NextOptions, RootListOptions } from './next-authority.ts';
import { addRecipientOption } from './recipient-option.ts';
import type { PutListOptions, RollOverOptions } from './roll-over-acts.ts';

/** `tongbu certs next`, `root-list`, `put-list` and `roll-over`: what an authority needs in its own life. */
export function register(group: Command, context: CliContext): void {
  registerNext(group, context);
  registerRollOver(group, context);
  registerRootList(group, context);
  registerPutList(group, context);
}

function registerNext(group: Command, context: CliContext): void {
  const command = group.command('next').description(
    context.text({
      en: 'make the next generation of an authority, off line: a new root and a new issuing authority',
      zh: '离线创建下一代证书机构：新的根与新的签发机构',
    }),
  );
  addAuthorityOption(command, context, {
    en: 'folder of the present authority',
    zh: '现有证书机构的目录',
  });
  addOption(command, context, {
    flags: '--out <folder>',
    text: { en: 'new folder of the next authority', zh: '下一代证书机构的新目录' },
    mandatory: true,
  });
  addRecipientOption(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu certs next --authority authority --out authority-2',
      text: { en: 'asks for a new passphrase, twice', zh: '询问新口令两次' },
    },
  ]);
  command.action(async (options: NextOptions) => {
    const { nextAuthority } = await import('./next-authority.ts');
    await nextAuthority(context, options);
  });
}

function registerRollOver(group: Command, context: CliContext): void {
  const command = group.command('roll-over').description(
    context.text({
      en: 'change to the next authority while everything runs: trust, issue, retire',
      zh: '在运行中切换到下一代证书机构：trust、issue、retire',
    }),
  );
  addHubTarget(command, context, 'tongbu certs roll-over');
  addRollOverOptions(command, context);
  addExamples(command, context, [
    {
      line: 'tongbu certs roll-over --data province',
      text: { en: 'how far it is', zh: '查看进度' },
    },
    {
      line: 'tongbu certs roll-over --data province --authority authority-2 --step trust --reason "ends in May"',
      text: {
        en: 'asks; two officers approve with `tongbu seal approve`',
        zh: '提出申请；两名安全员用 `tongbu seal approve` 批准',
      },
    },
    {
      line: 'tongbu certs roll-over --data province --authority authority-2 --step trust --approval 0123456789abcdef',
      text: { en: 'does it', zh: '执行' },
    },
  ]);
  command.action(async (options: RollOverOptions) => {
    const { rollOver } = await import('./roll-over-acts.ts');
    await rollOver(context, options);
  });
}

function addRollOverOptions(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--authority <folder>',
    text: { en: 'folder of the next authority', zh: '下一代证书机构的目录' },
    group: groups.keys,
  });
  addOption(command, context, {
    flags: '--authority-identity <file>',
    text: {
      en: 'age identity that opens the keys of that folder; without it the passphrase is asked',
      zh: '用于打开该目录私钥的 age 私钥文件；不给则询问口令',
    },
    group: groups.keys,
  });
  addOption(command, context, {
    flags: '--step <step>',
    text: {
      en: 'trust: all sites learn the new root; issue: the new one issues; retire: the old one goes',
      zh: 'trust：各站点信任新根；issue：改由新机构签发；retire：停用旧机构',
    },
    choices: ['trust', 'issue', 'retire'],
  });
  addOption(command, context, {
    flags: '--reason <text>',
    text: { en: 'for the officers who approve; no personal data', zh: '供审批安全员参考；不得含个人信息' },
  });
  addOption(command, context, {
    flags: '--approval <id>',
    text: { en: 'of the request that two officers have approved', zh: '已由两名安全员批准的申请编号' },
    parse: (text) => {
      if (/^[0-9a-f]{16}$/.test(text)) return text;
      const command = 'tongbu certs roll-over';
      throw fault('TB1618', { option: '--approval', form: '16 hex digits', command });
    },
  });
  addOption(command, context, {
    flags: '--leave-behind',
    text: {
      en: 'with issue: go on although some have not renewed since; they may have to enrol again',
      zh: '用于 issue：即使部分证书尚未续期也继续；其持有人可能须重新准入',
    },
  });
  addOption(command, context, { flags: '--yes', text: { en: 'do not ask', zh: '不再询问' } });
}

function registerRootList(group: Command, context: CliContext): void {
  const command = group.command('root-list').description(
    context.text({
      en: "sign the root's next revocation list, off line; once a year",
      zh: '离线签发根证书的下一份吊销列表；每年一次',
    }),
  );
  addAuthorityOption(command, context, { en: 'folder of the authority', zh: '证书机构的目录' });
  addOption(command, context, {
    flags: '--authority-identity <file>',
    text: {
      en: 'age identity that opens its keys; without it the passphrase is asked',
      zh: '用于打开私钥的 age 私钥文件；不给则询问口令',
    },
    group: groups.keys,
  });
  addExamples(command, context, [
    {
      line: 'tongbu certs root-list --authority authority',
      text: {
        en: 'then carry authority/root.crl.pem to the hub',
        zh: '随后将 authority/root.crl.pem 带到枢纽',
      },
    },
  ]);
  command.action(async (options: RootListOptions) => {
    const { renewRootList } = await import('./next-authority.ts');
    await renewRootList(context, options);
  });
}

function registerPutList(group: Command, context: CliContext): void {
  const command = group.command('put-list').description(
    context.text({
      en: "publish a root's revocation list at the running hub",
      zh: '在运行中的枢纽发布根证书的吊销列表',
    }),
  );
  command.argument('<file>', context.text({ en: 'PEM file of the list', zh: '吊销列表的 PEM 文件' }));
  addHubTarget(command, context, 'tongbu certs put-list');
  addExamples(command, context, [
    {
      line: 'tongbu certs put-list root.crl.pem --data province',
      text: { en: 'every site learns it from the registry', zh: '各站点从登记册获知' },
    },
  ]);
  command.action(async (file: string, options: PutListOptions) => {
    const { putRootList } = await import('./roll-over-acts.ts');
    await putRootList(context, file, options);
  });
}

function addAuthorityOption(
  command: Command,
  context: CliContext,
  text: { readonly en: string; readonly zh: string },
): void {
  addOption(command, context, {
    flags: '--authority <folder>',
    text,
    group: groups.keys,
    mandatory: true,
  });
}
