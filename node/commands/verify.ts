import type { CliContext, Command } from '../../core/cli/context.ts';
import { registerVerify } from '../../core/site/commands/verify-command.ts';

/** `tongbu node verify`. */
export function register(command: Command, context: CliContext): void {
  registerVerify(command, context, 'node');
}
