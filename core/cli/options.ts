import { type Command, Option } from 'commander';
import { fault } from '../base/errors.ts';
import type { Text } from '../base/language.ts';
import type { CliContext } from './context.ts';

export interface OptionSpec {
  /** As commander takes them: `-p, --port <number>`. */
  readonly flags: string;
  readonly text: Text;
  /** Heading under which the help lists it. Default 'Options:'. */
  readonly group?: Text;
  /** The option must be given. */
  readonly mandatory?: boolean;
  readonly default?: string | number | boolean;
  readonly choices?: readonly string[];
  /** Makes the value from the text; throws a fault when it can't. */
  readonly parse?: (text: string) => unknown;
}

/** Headings that several commands share. */
export const groups = {
  data: { en: 'Data:', zh: '数据：' },
  connection: { en: 'Connection:', zh: '连接：' },
  keys: { en: 'Keys and shares:', zh: '密钥与份额：' },
  output: { en: 'Output:', zh: '输出：' },
} as const satisfies Record<string, Text>;

export function addOption(command: Command, context: CliContext, spec: OptionSpec): void {
  const option = new Option(spec.flags, context.text(spec.text));
  if (spec.group) option.helpGroup(context.text(spec.group));
  if (spec.mandatory) option.makeOptionMandatory();
  if (spec.choices) option.choices(spec.choices);
  if (spec.parse) option.argParser(spec.parse);
  if (spec.default !== undefined) option.default(spec.default);
  command.addOption(option);
}

export interface Example {
  /** The command line, which runs against the demo. */
  readonly line: string;
  readonly text: Text;
}

/** Shown below the options. */
export function addExamples(command: Command, context: CliContext, examples: readonly Example[]): void {
  const title = context.text({ en: 'Examples:', zh: '示例：' });
  const lines = examples.map(({ line, text }) => `  ${line}\n      ${context.text(text)}`);
  command.addHelpText('after', `\n${title}\n${lines.join('\n')}`);
}

/** A parser for `OptionSpec.parse`: digits alone, within bounds. Throws TB1015. */
export function wholeNumber(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw fault('TB1015', { option, min, max });
    return value;
  };
}

/** A parser for `OptionSpec.parse`: a GB/T 2260 code. Throws TB1016. */
export function siteCode(option: string): (text: string) => string {
  return (text) => {
    if (!/^[1-9]\d{5}$/.test(text)) throw fault('TB1016', { option });
    return text;
  };
}
