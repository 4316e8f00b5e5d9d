import type { CliContext, Command } from '../../cli/context.ts';
import { addOption, type Example, groups } from '../../cli/options.ts';
import { repeated } from './init-options.ts';

/** The options with which officers open a site at its own machine, and bring it back. */
export function addOpenHereOptions(command: Command, context: CliContext, program: 'node' | 'hub'): void {
  addOption(command, context, {
    flags: '--open-here',
    text: {
      en: 'officers are at the machine: open the site before it listens, without a certificate; a wrong share ends the command',
      zh: '安全员在机器旁：监听之前即解封，无需证书；份额有误则命令结束',
    },
    group: groups.keys,
  });
  addOption(command, context, {
    flags: '--share <file>',
    text: {
      en: 'share file of one officer (once for each of as many as are needed); its passphrase is asked',
      zh: '一名安全员的份额文件（按所需人数逐一给出）；系统询问其口令',
    },
    group: groups.keys,
    parse: repeated((text) => text),
  });
  addOption(command, context, {
    flags: '--identity <file>',
    text: {
      en: 'age identity that opens a share file (repeatable)',
      zh: '用于打开份额文件的 age 私钥文件（可重复）',
    },
    group: groups.keys,
    parse: repeated((text) => text),
  });
  addOption(command, context, {
    flags: program === 'node' ? '--token-file <file>' : '--uplink-token-file <file>',
    text: {
      en: 'with --open-here: the certificates have ended; enrol again with the token line in this file (- for standard input)',
      zh: '与 --open-here 合用：证书已过期，凭此文件中的令牌重新准入（- 表示标准输入）',
    },
    group: groups.keys,
  });
}

export function openHereExamples(program: 'node' | 'hub'): readonly Example[] {
  const line = `tongbu ${program} serve --data DIR --open-here --share zhao.share.age --share qian.share.age`;
  if (program === 'hub') {
    const text = {
      en: 'a hub that was off for too long: it renews its own certificates and those of these officers',
      zh: '停机过久的枢纽：自行续期，并为这些安全员签发新证书',
    };
    return [{ line, text }];
  }
  const text = {
    en: 'a county that was off for too long; the token is of `tongbu hub token --rejoin`',
    zh: '停机过久的县；令牌由 `tongbu hub token --rejoin` 生成',
  };
  return [{ line: `${line} --token-file token.txt`, text }];
}
