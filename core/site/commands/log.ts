import type { CliContext, Command } from '../../cli/context.ts';
import { registerCheck } from './log-check.ts';
import { registerExport } from './log-export.ts';
import { registerProof } from './log-proof.ts';

/** `tongbu log export | proof | check`. */
export function register(group: Command, context: CliContext): void {
  registerExport(group, context);
  registerProof(group, context);
  registerCheck(group, context);
}
