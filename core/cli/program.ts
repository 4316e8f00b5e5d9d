import { Command, CommanderError } from 'commander';
import { Fault, fault } from '../base/errors.ts';
import type { Text } from '../base/language.ts';
import type { CliContext, CommandModule, ExitCode } from './context.ts';
import { configureHelp } from './help.ts';
import { addOption, groups } from './options.ts';
import { printData, printFault } from './output.ts';
import { usageFault } from './usage-fault.ts';

/** A command that has a module of its own (loaded only when it runs), or a group of such commands. */
export interface CommandEntry {
  readonly name: string;
  readonly text: Text;
  readonly load?: () => Promise<CommandModule>;
  readonly commands?: readonly CommandEntry[];
}

export interface ProgramSpec {
  readonly name: string;
  readonly version: string;
  readonly text: Text;
  readonly commands: readonly CommandEntry[];
  /** Printed when the program is called without arguments. */
  readonly welcome: Text;
}

/** Runs one command line to its end and says what to exit with; it never throws. */
export async function runProgram(
  spec: ProgramSpec,
  argv: readonly string[],
  context: CliContext,
): Promise<ExitCode> {
  try {
    if (argv.length === 0) {
      printData(context, context.text(spec.welcome));
      return 0;
    }
    // Commander's own `help` reaches one level down only.
    const line = argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
    const program = await createProgram(spec, line, context);
    await program.parseAsync(line, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return endWith(error, calledAs(spec, argv), context);
  }
}

async function createProgram(
  spec: ProgramSpec,
  argv: readonly string[],
  context: CliContext,
): Promise<Command> {
  const program = new Command(spec.name).description(context.text(spec.text)).exitOverride();
  const version = context.text({ en: 'show the version', zh: '显示版本' });
  configureHelp(program, context);
  program.version(spec.version, '-V, --version', version);
  await addCommands(program, spec.commands, operandsOf(argv), context);
  return program;
}

/** Every command is listed; of those with a module only the one that is called is loaded. */
async function addCommands(
  parent: Command,
  entries: readonly CommandEntry[],
  path: readonly string[],
  context: CliContext,
): Promise<void> {
  for (const entry of entries) {
    const command = parent.command(entry.name).description(context.text(entry.text));
    const called = path[0] === entry.name;
    if (entry.commands) await addCommands(command, entry.commands, called ? path.slice(1) : [], context);
    if (!called || !entry.load) continue;
    (await entry.load()).register(command, context);
    addJson(command, context);
  }
}

/** Every command takes --json, if only for its errors; one that gives it a value declares its own. */
function addJson(command: Command, context: CliContext): void {
  for (const sub of command.commands) addJson(sub, context);
  if (command.commands.length > 0 || command.options.some(({ long }) => long === '--json')) return;
  const text = { en: 'print one JSON document, also for an error', zh: '输出一个 JSON 文档，出错时也一样' };
  addOption(command, context, { flags: '--json', text, group: groups.output });
}

/** The words before the first option: `node init --data x` leads to node init. */
function operandsOf(argv: readonly string[]): readonly string[] {
  const firstOption = argv.findIndex((word) => word.startsWith('-'));
  return firstOption < 0 ? argv : argv.slice(0, firstOption);
}

function calledAs(spec: ProgramSpec, argv: readonly string[]): string {
  const path = [spec.name];
  let entries: readonly CommandEntry[] = spec.commands;
  for (const word of operandsOf(argv)) {
    const entry = entries.find(({ name }) => name === word);
    if (!entry) break;
    path.push(word);
    entries = entry.commands ?? [];
  }
  return path.join(' ');
}

function endWith(error: unknown, command: string, context: CliContext): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // A group without its command: its help has been printed.
    if (error.code === 'commander.help') return 2;
    return printFault(context, usageFault(error, command));
  }
  if (!(error instanceof Fault) && context.signal.aborted)
    return printFault(context, fault('TB1018', {}, error));
  return printFault(context, error);
}
