import { readFileSync } from 'node:fs';
import { fault } from '../../base/errors.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addOption, groups, wholeNumber } from '../../cli/options.ts';
import { promptSecret } from '../../cli/prompt.ts';
import { sealLimits } from '../../seal/limits.ts';
import { addDataOption } from './data-option.ts';
import { type HolderOrder, parseHolder, personName } from './holder-order.ts';
import { reachable } from './reachable.ts';

/** What `node init` and `hub init` are both told. */
export interface InitOptions {
  readonly data: string;
  readonly operator: string;
  readonly holder: readonly HolderOrder[];
  readonly threshold: number;
  readonly sharesOut: string;
  readonly host?: readonly string[];
  readonly listen: string;
  readonly port: number;
}

export function addInitOptions(command: Command, context: CliContext, called: string): void {
  addDataOption(command, context);
  addOption(command, context, {
    flags: '--operator <name>',
    text: { en: 'operator who gets a certificate', zh: '获得证书的操作员' },
    mandatory: true,
    parse: nameOf('--operator', called),
  });
  addOption(command, context, {
    flags: '--holder <name[=age1…]>',
    text: {
      en: 'officer who holds a share, with the age recipient of that officer (repeatable); without one a passphrase is asked',
      zh: '持有份额的安全员及其 age 公钥（可重复）；不给公钥则询问口令',
    },
    group: groups.keys,
    mandatory: true,
    parse: repeated((text) => parseHolder(text, called)),
  });
  addOption(command, context, {
    flags: '--threshold <number>',
    text: { en: 'officers needed to open the site', zh: '解封所需的安全员人数' },
    group: groups.keys,
    default: 2,
    parse: wholeNumber('--threshold', 2, sealLimits.holdersMax),
  });
  addOption(command, context, {
    flags: '--shares-out <folder>',
    text: { en: "where the officers' share files go", zh: '安全员份额文件的输出目录' },
    group: groups.keys,
    mandatory: true,
  });
  addOption(command, context, {
    flags: '--host <name>',
    text: {
      en: 'name or address under which the site is reached (repeatable)',
      zh: '站点对外的主机名或地址（可重复）',
    },
    group: groups.connection,
    parse: repeated((text) => text),
  });
  addOption(command, context, {
    flags: '--listen <address>',
    text: { en: 'address to listen on', zh: '监听地址' },
    group: groups.connection,
    default: '127.0.0.1',
  });
  addOption(command, context, {
    flags: '--port <number>',
    text: { en: 'port to listen on; 0 takes a free one', zh: '监听端口；0 表示任取空闲端口' },
    group: groups.connection,
    default: 7443,
    parse: wholeNumber('--port', 0, 65_535),
  });
}

/** A parser for an option that may be given several times: every call gives all values so far. */
export function repeated<T>(parse: (text: string) => T): (text: string) => readonly T[] {
  const values: T[] = [];
  return (text) => {
    values.push(parse(text));
    return values;
  };
}

/** A parser for the name of a person or system. Throws TB1618. */
export function nameOf(option: string, command: string): (text: string) => string {
  return (text) => {
    if (!personName.test(text)) throw fault('TB1618', { option, form: 'NAME', command });
    return text;
  };
}

/** What stands in the certificate: the given names, and what commands on this machine call the site by. */
export function hostsOf({ host = [], listen }: Pick<InitOptions, 'host' | 'listen'>): string[] {
  return [...new Set([...host, reachable(listen), '127.0.0.1', 'localhost'])];
}

/** The token line from a file, or from standard input for `-`; never an argument. */
export async function readToken(context: CliContext, file: string): Promise<string> {
  if (file === '-') return (await promptSecret(context, { en: 'Token', zh: '令牌' })).trim();
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw fault('TB1003', { path: file }, error);
  }
}
