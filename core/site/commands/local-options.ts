import type { CliContext, Command } from '../../cli/context.ts';
import { addOption, groups } from '../../cli/options.ts';
import { addDataOption } from './data-option.ts';
import type { Reach, SiteConnection } from './site-connection.ts';

export interface LocalOptions {
  readonly data: string;
  readonly as?: string;
}

/** `--data` and `--as`, for commands that ask the running site on this machine. */
export function addLocalOptions(command: Command, context: CliContext): void {
  addDataOption(command, context);
  addAsOption(command, context);
}

export function addAsOption(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--as <folder>',
    text: {
      en: "folder of the caller's certificate; the site's operator when not given",
      zh: '调用者证书目录；缺省为本站点的操作员',
    },
    group: groups.connection,
  });
}

/**
 * Connects to the running site of a folder; the caller closes. What this needs is loaded now and not before:
 * a help text needs no TLS. Throws TB1603, TB1612, TB1608, TB1615, TB1616.
 */
export async function connectLocal(
  context: CliContext,
  options: LocalOptions,
  program: 'node' | 'hub' | 'either',
  reach: Reach = 'any',
): Promise<SiteConnection> {
  const { connect } = await import('./connect.ts');
  return connect(context, options, program, reach);
}
