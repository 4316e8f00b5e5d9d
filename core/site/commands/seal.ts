import type { CliContext, Command } from '../../cli/context.ts';
import { registerCeremonies } from './seal/ceremony-commands.ts';
import { registerDecisions } from './seal/decision-commands.ts';
import { registerOpening } from './seal/opening-commands.ts';
import { registerRecords } from './seal/record-commands.ts';
import { registerRotateKeys } from './seal/rotate-keys-command.ts';
import { registerShares } from './seal/share-commands.ts';

/** `tongbu seal …`: what officers do, and what they decide. Nothing is loaded here but names and options. */
export function register(group: Command, context: CliContext): void {
  registerOpening(group, context);
  registerCeremonies(group, context);
  registerShares(group, context);
  registerRecords(group, context);
  registerDecisions(group, context);
  registerRotateKeys(group, context);
}
