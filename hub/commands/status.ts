import type { CliContext, Command } from '../../core/cli/context.ts';
import { registerStatus } from '../../core/site/commands/status-command.ts';

/** `tongbu hub status`. */
export function register(command: Command, context: CliContext): void {
  registerStatus(command, context, 'hub');
}
