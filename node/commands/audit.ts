import type { CliContext, Command } from '../../core/cli/context.ts';
import { registerAudit } from '../../core/site/commands/audit-command.ts';

/** `tongbu node audit`. */
export function register(command: Command, context: CliContext): void {
  registerAudit(command, context, 'node');
}
