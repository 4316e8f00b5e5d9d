import { fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addOption, groups } from '../../cli/options.ts';
import { addDataOption } from './data-option.ts';
import { addAsOption } from './local-options.ts';

/** A hub on this machine by its folder, or any by its address; its code and domain are the caller's. */
export interface HubTarget {
  readonly data?: string;
  readonly as?: string;
  readonly address?: string;
}

export function addHubTarget(command: Command, context: CliContext, called: string): void {
  addDataOption(command, context, { optional: true });
  addAsOption(command, context);
  addAddressOption(command, context, called);
}

export function addAddressOption(command: Command, context: CliContext, called: string): void {
  addOption(command, context, {
    flags: '--address <host:port>',
    text: { en: 'the hub on another machine, instead of --data', zh: '其他机器上的枢纽，代替 --data' },
    group: groups.connection,
    parse: (text) => {
      if (/^(\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5}$/.test(text)) return text;
      throw fault('TB1618', { option: '--address', form: 'HOST:PORT', command: called });
    },
  });
}
