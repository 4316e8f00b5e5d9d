import { fault } from '../base/errors.ts';
import type { Text } from '../base/language.ts';
import type { CliContext, Input } from './context.ts';
import { InputLines } from './input-lines.ts';
import { printNote } from './output.ts';

const readers = new WeakMap<Input, InputLines>();

/**
 * A share, passphrase or token: from a terminal without echo, else the next line of standard input.
 * Never from an argument or the environment. Throws TB1018 at Ctrl-C, TB1019 at the end of the input.
 */
export async function promptSecret(context: CliContext, question: Text): Promise<string> {
  const { stdin } = context;
  if (!stdin.isTTY || !stdin.setRawMode) return readLine(context);
  ask(context, question);
  stdin.setRawMode(true);
  try {
    return await readLine(context, { keys: true });
  } finally {
    stdin.setRawMode(false);
    context.stderr.write('\n');
  }
}

/** A line that may be seen. */
export async function promptLine(context: CliContext, question: Text): Promise<string> {
  if (context.stdin.isTTY) ask(context, question);
  return readLine(context);
}

export interface Confirmation {
  /** What will happen, and that it can't be taken back. */
  readonly question: Text;
  /** What the person must type, e.g. the site code. */
  readonly expected: string;
  /** The command was called with --yes. */
  readonly yes: boolean;
}

/** Returns only when the person means it. Throws TB1021 without a terminal, TB1022 for another answer. */
export async function confirm(context: CliContext, { question, expected, yes }: Confirmation): Promise<void> {
  if (yes) return;
  if (!context.stdin.isTTY) throw fault('TB1021');
  printNote(context, context.text(question));
  const wanted = { en: `Type ${expected} to confirm`, zh: `请输入 ${expected} 以确认` };
  if ((await promptLine(context, wanted)).trim() !== expected) throw fault('TB1022');
}

function ask(context: CliContext, question: Text): void {
  context.stderr.write(`${context.text(question)}${context.text({ en: ': ', zh: '：' })}`);
}

function readLine(context: CliContext, mode: { readonly keys: boolean } = { keys: false }): Promise<string> {
  const known = readers.get(context.stdin);
  const reader = known ?? new InputLines(context.stdin);
  if (!known) readers.set(context.stdin, reader);
  return reader.next({ ...mode, signal: context.signal });
}
