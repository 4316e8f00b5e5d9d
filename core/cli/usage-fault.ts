import type { CommanderError } from 'commander';
import { type ErrorCode, type Fault, type FaultParameters, fault } from '../base/errors.ts';

/** What each kind of commander's messages becomes; the patterns take names of options, never values (I9). */
const kinds: Readonly<Record<string, { readonly code: ErrorCode; readonly pattern: RegExp }>> = {
  'commander.unknownCommand': { code: 'TB1006', pattern: /unknown command '(?<name>[^']*)'/ },
  'commander.unknownOption': { code: 'TB1007', pattern: /unknown option '(?<option>[^'=]*)/ },
  'commander.missingArgument': { code: 'TB1008', pattern: /argument '(?<name>[^']*)'/ },
  'commander.optionMissingArgument': { code: 'TB1009', pattern: /option '(?<option>[^']*)'/ },
  'commander.missingMandatoryOptionValue': { code: 'TB1010', pattern: /option '(?<option>[^']*)'/ },
  'commander.excessArguments': {
    code: 'TB1011',
    pattern: /Expected (?<expected>\d+) .* got (?<received>\d+)/,
  },
  'commander.conflictingOption': {
    code: 'TB1012',
    pattern: /'(?<option>[^']*)' cannot .* '(?<other>[^']*)'/,
  },
  'commander.invalidArgument': {
    code: 'TB1013',
    pattern: /(?:option|argument value) '(?<option>[^']*)'.* Allowed choices are (?<allowed>[^\n]*)\./,
  },
};

/** Turns a message of commander into a fault of ours. `command` is how the program was called. */
export function usageFault(error: CommanderError, command: string): Fault {
  const kind = kinds[error.code];
  const found = kind?.pattern.exec(error.message)?.groups;
  if (!kind || !found)
    return fault('TB1014', { detail: error.code.replace('commander.', ''), command }, error);
  const parameters: FaultParameters = { ...found, command, suggestion: suggestionIn(error.message) };
  return fault(kind.code, parameters, error);
}

function suggestionIn(message: string): string {
  const near = /\(Did you mean (?:one of )?(?<near>[^?]*)\?\)/.exec(message)?.groups?.['near'];
  return near === undefined ? '' : ` → ${near}`;
}
