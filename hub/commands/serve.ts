import type { CliContext, Command } from '../../core/cli/context.ts';
import { registerServe } from '../../core/site/commands/serve-command.ts';

/** `tongbu hub serve`: the provincial process, or the national one. */
export function register(command: Command, context: CliContext): void {
  const load = async () => (await import('../hub-site.ts')).openHub;
  registerServe(command, context, { program: 'hub', load });
}
