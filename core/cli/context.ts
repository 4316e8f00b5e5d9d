import type { Readable, Writable } from 'node:stream';
import type { Command } from 'commander';
import type { Clock } from '../base/clock.ts';
import type { Language } from '../base/errors.ts';
import { languageOf, type Text } from '../base/language.ts';
import type { Random } from '../base/random.ts';

export type { Command } from 'commander';

export type Input = Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown };
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** 0 done, 1 failed, 2 wrong use, 3 sealed, 4 partly done. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

export type Environment = Readonly<Record<string, string | undefined>>;

/** The world as a command sees it; bin/main.ts fills in the real one, tests their own. */
export interface CliContext {
  readonly stdin: Input;
  /** Data only. */
  readonly stdout: Output;
  /** Everything else: questions, progress, notes, errors. */
  readonly stderr: Output;
  readonly environment: Environment;
  readonly language: Language;
  /** Exactly one JSON document goes to stdout, also for an error. */
  readonly json: boolean;
  /** No escape sequences and no carriage returns. */
  readonly plain: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** What the command ends with unless it throws; a command sets 3 or 4 itself. */
  exitCode: ExitCode;
  /** The text in the reader's language. */
  text(text: Text): string;
}

/**
 * A module of commands. `command` already has its name and description from the table in bin/main.ts;
 * the module adds arguments, options, examples and the action, or subcommands of its own.
 */
export interface CommandModule {
  register(command: Command, context: CliContext): void;
}

export interface ContextParts {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Environment;
  readonly json: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export function createContext(parts: ContextParts): CliContext {
  const { environment } = parts;
  const language = languageOf(environment);
  return {
    ...parts,
    language,
    plain: !parts.stderr.isTTY || isPlain(environment),
    exitCode: 0,
    text: (text) => text[language],
  };
}

function isPlain(environment: Environment): boolean {
  const { NO_COLOR, TERM, ACCESSIBLE } = environment;
  return (
    Boolean(NO_COLOR) || TERM === 'dumb' || (ACCESSIBLE !== undefined && !['', '0'].includes(ACCESSIBLE))
  );
}
