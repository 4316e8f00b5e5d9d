import { once } from 'node:events';
import type { Writable } from 'node:stream';
import winston from 'winston';
import type { Clock } from './clock.ts';
import { redact, redactText } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

/** The program log: codes, sizes, sites and hashes, never field values (I9). An error goes in as a field. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose lines all carry these fields too. */
  child(fields: LogFields): Logger;
}

export interface ProgramLog extends Logger {
  /** Resolves when every line is written; nothing may be logged after it. */
  close(): Promise<void>;
}

export interface LoggerOptions {
  readonly clock: Clock;
  /** JSON lines go to a stream (stderr), which is not closed, or to a file, which is turned over. */
  readonly to: Writable | { readonly file: string };
  /** Default info. */
  readonly level?: LogLevel;
  readonly fields?: LogFields;
}

/** A program log can grow no further than this (I7); ten files are some months of an ordinary site. */
const fileLimits = { maxsize: 10_000_000, maxFiles: 10 } as const;

/** Drops everything; for tests and one-shot commands. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};

export function createLogger(options: LoggerOptions): ProgramLog {
  const { to } = options;
  const toFile = 'file' in to;
  const transport = toFile
    ? new winston.transports.File({ filename: to.file, ...fileLimits, tailable: true, options: privateFile })
    : new winston.transports.Stream({ stream: to, eol: '\n' });
  const inner = winston.createLogger({
    level: options.level ?? 'info',
    format: winston.format.combine(redacting({ clock: options.clock }), line()),
    transports: [transport],
    exitOnError: false,
  });
  const closed = once(toFile ? transport : inner, 'finish');
  const close = async (): Promise<void> => {
    inner.end();
    await closed;
  };
  return { ...wrap(inner, options.fields ?? {}), close };
}

const privateFile = { flags: 'a', mode: 0o600 } as const;

function wrap(inner: winston.Logger, own: LogFields): Logger {
  // One object in, with the fields apart: winston appends texts of errors and merges metadata by itself.
  const log =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      inner.log({ level, message, fields: { ...own, ...fields } });
    };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (fields) => wrap(inner, { ...own, ...fields }),
  };
}

/**
 * Runs first in the chain, so that nothing after it ever sees what it masks. It also masks what comes in
 * through winston's own ways: arguments of `%s` in Symbol(splat), metadata, an error in place of a message.
 */
export const redacting = winston.format((info, options) => {
  const { clock } = options as { clock: Clock };
  const { level, message, fields, ...rest } = info;
  const splat: unknown = info[Symbol.for('splat')];
  const result = {
    level,
    message: typeof message === 'string' ? redactText(message) : redact(message),
    timeMs: clock.nowMs(),
    fields: redact({ ...rest, ...(typeof fields === 'object' ? fields : {}) }),
    [Symbol.for('level')]: level,
  };
  return splat === undefined ? result : { ...result, [Symbol.for('splat')]: redact(splat) };
});

const line = winston.format((info) => {
  const { level, message, timeMs, fields } = info as unknown as Line;
  const time = new Date(timeMs).toISOString();
  const { time: _time, level: _level, message: _message, ...others } = fields;
  return { ...info, [Symbol.for('message')]: JSON.stringify({ time, level, message, ...others }) };
});

interface Line {
  readonly level: string;
  readonly message: unknown;
  readonly timeMs: number;
  readonly fields: Record<string, unknown>;
}
