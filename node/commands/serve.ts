import type { CliContext, Command } from '../../core/cli/context.ts';
import { registerServe } from '../../core/site/commands/serve-command.ts';

/** `tongbu node serve`: the county process. */
export function register(command: Command, context: CliContext): void {
  const load = async () => (await import('../county-site.ts')).openCounty;
  registerServe(command, context, { program: 'node', load });
}
