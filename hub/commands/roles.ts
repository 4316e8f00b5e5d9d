import type { CliContext, Command } from '../../core/cli/context.ts';
import { registerRoles } from '../../core/site/commands/roles-command.ts';

/** `tongbu hub roles`. */
export function register(command: Command, context: CliContext): void {
  registerRoles(command, context, 'hub');
}
