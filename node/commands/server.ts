import type { CliContext, Command } from '../../core/cli/context.ts';
import { registerServer } from '../../core/site/commands/server.ts';

/** `tongbu node server …`: logins at database servers whose passwords nobody knows. */
export function register(group: Command, context: CliContext): void {
  registerServer(group, context, 'node');
}
