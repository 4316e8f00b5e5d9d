import type { CliContext, Command } from '../../core/cli/context.ts';
import { registerServe } from '../../core/site/commands/serve-command.ts';
import { openCounty } from '../county-site.ts';

/** `tongbu node serve`: the county process. */
export function register(command: Command, context: CliContext): void {
  registerServe(command, context, { program: 'node', open: openCounty });
}
