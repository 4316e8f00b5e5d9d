import { fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addOption, groups, siteCode } from '../../cli/options.ts';
import { addDataOption } from './data-option.ts';
import { addAsOption } from './local-options.ts';

/** A site on this machine by its folder, or any other by its address. */
export interface TargetOptions {
  readonly data?: string;
  readonly as?: string;
  readonly address?: string;
  readonly site?: string;
  readonly domain?: string;
}

export function addTargetOptions(command: Command, context: CliContext): void {
  addDataOption(command, context, { optional: true });
  addAsOption(command, context);
  addOption(command, context, {
    flags: '--address <host:port>',
    text: { en: 'a site on another machine, instead of --data', zh: '其他机器上的站点，代替 --data' },
    group: groups.connection,
    parse: (text) => {
      if (/^(\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5}$/.test(text)) return text;
      throw fault('TB1618', { option: '--address', form: 'HOST:PORT', command: 'tongbu seal unseal' });
    },
  });
  addOption(command, context, {
    flags: '--site <code>',
    text: { en: 'its site code', zh: '该站点的代码' },
    group: groups.connection,
    parse: siteCode('--site'),
  });
  addOption(command, context, {
    flags: '--domain <domain>',
    text: { en: 'its trust domain', zh: '该站点的信任域' },
    group: groups.connection,
  });
}
