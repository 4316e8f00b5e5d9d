import { fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { nameOf } from './init-options.ts';

export interface CertsEnrolOptions {
  readonly tokenFile: string;
  readonly out: string;
  readonly role: string;
  readonly name?: string;
}

/** Who enrols this way; sites do with `init`. */
const roles = ['officer', 'operator', 'auditor', 'business', 'city', 'subscriber'] as const;

const called = 'tongbu certs enrol';

/** `tongbu certs enrol`: a certificate for a person or a business system of a site that exists. */
export function register(group: Command, context: CliContext): void {
  const command = group.command('enrol').description(
    context.text({
      en: 'get a certificate for a person or business system; the key is made here and stays here',
      zh: '为人员或业务系统申请证书；私钥在本机生成且不离开本机',
    }),
  );
  addOption(command, context, {
    flags: '--token-file <file>',
    text: {
      en: 'file with the token line of the hub; - reads it from standard input',
      zh: '枢纽令牌所在文件；- 表示从标准输入读取',
    },
    group: groups.keys,
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--out <folder>',
    text: { en: 'new folder of the identity', zh: '身份文件的新目录' },
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--role <role>',
    text: { en: 'as the token grants it', zh: '与令牌授予的角色一致' },
    mandatory: true,
    parse: (text) => {
      if (roles.some((role) => role === text)) return text;
      throw fault('TB1379', { role: /^[a-z]{1,20}$/.test(text) ? text : '?', roles: roles.join(', ') });
    },
  });
  addOption(command, context, {
    flags: '--name <name>',
    text: { en: 'of the person or system, as in the token', zh: '人员或系统的代号，与令牌一致' },
    parse: nameOf('--name', called),
  });
  addExamples(command, context, [
    {
      line: 'tongbu certs enrol --token-file token.txt --role auditor --name zhou --out zhou',
      text: {
        en: 'waits until an officer of the hub has approved; then use it with --as zhou',
        zh: '等待枢纽安全员批准；之后以 --as zhou 使用',
      },
    },
  ]);
  command.action(async (options: CertsEnrolOptions) => {
    const { enrolPerson } = await import('./enrol-person.ts');
    await enrolPerson(context, options);
  });
}
