import type { CliContext, Command } from '../../core/cli/context.ts';
import { registerDatabase } from '../../core/site/commands/db-command.ts';

/** `tongbu hub db …`: an approved look into a database of the hub. */
export function register(group: Command, context: CliContext): void {
  registerDatabase(group, context, 'hub');
}
