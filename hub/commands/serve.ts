import type { CliContext, Command } from '../../core/cli/context.ts';
import { registerServe } from '../../core/site/commands/serve-command.ts';
import { openHub } from '../hub-site.ts';

/** `tongbu hub serve`: the provincial process, or the national one. */
export function register(command: Command, context: CliContext): void {
  registerServe(command, context, { program: 'hub', open: openHub });
}
