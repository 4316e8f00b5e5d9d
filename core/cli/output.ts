import { type ErrorCode, entryOf, explain, Fault, fault } from '../base/errors.ts';
import { redactText } from '../base/redact.ts';
import type { CliContext, ExitCode } from './context.ts';
import { printable } from './display-width.ts';

/** Version of the JSON documents; a field may be added within a version, never changed or removed. */
export const documentVersion = 1;

/** A line of data. */
export function printData(context: CliContext, text: string): void {
  context.stdout.write(`${text}\n`);
}

/** A line for the person at the terminal; under --json too, because it is no data. */
export function printNote(context: CliContext, text: string): void {
  context.stderr.write(`${text}\n`);
}

/** The one document of `--json`; 64-bit integers become strings, bytes hex. */
export function printDocument(context: CliContext, document: object): void {
  context.stdout.write(`${JSON.stringify({ version: documentVersion, ...document }, jsonValue, 2)}\n`);
}

/** What a command has found: the document under --json, else the text that `human` makes of it. */
export function printResult(context: CliContext, document: object, human: () => string): void {
  if (context.json) printDocument(context, document);
  else printData(context, human());
}

/**
 * Prints any error as code, sentence and next act, and says what to end with. An error that is no Fault
 * is a bug: its text may hold anything, so only its kind is shown (and its masked stack with TONGBU_DEBUG=1).
 */
export function printFault(context: CliContext, error: unknown): ExitCode {
  const known = error instanceof Fault ? error : unexpected(error);
  const [message, hint] = explain(known.code, known.parameters, context.language).map(printable) as [
    string,
    string,
  ];
  if (context.json) {
    const { code, parameters, retry } = known;
    const { position } = parameters;
    printDocument(context, {
      error: { code, message, hint, retry, ...(position === undefined ? {} : { position }), parameters },
    });
  } else {
    printNote(context, `${known.code} ${message}`);
    printNote(context, `${' '.repeat(known.code.length)} → ${hint}`);
  }
  if (context.environment['TONGBU_DEBUG'] === '1') printNote(context, redactText(stackOf(error)));
  return exitCodeOf(known.code);
}

export function exitCodeOf(code: ErrorCode): ExitCode {
  return entryOf(code).exit ?? 1;
}

function unexpected(error: unknown): Fault {
  return fault('TB1005', { kind: kindOf(error) }, error);
}

/** Node's own code says more than `Error` and never holds data. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]+$/.test(error.code)
    ? error.code
    : error.name;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(error.cause)}`;
}

function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  // Buffer.toJSON has run before a replacer sees the value.
  if (isBufferJson(value)) return Buffer.from(value.data).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return value;
}

function isBufferJson(value: unknown): value is { type: 'Buffer'; data: number[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value
  );
}
