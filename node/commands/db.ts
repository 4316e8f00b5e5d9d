import type { CliContext, Command } from '../../core/cli/context.ts';
import { registerDatabase } from '../../core/site/commands/db-command.ts';

/** `tongbu node db …`: an approved look into a database of the county. */
export function register(group: Command, context: CliContext): void {
  registerDatabase(group, context, 'node');
}
