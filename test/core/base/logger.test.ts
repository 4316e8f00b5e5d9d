import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import winston from 'winston';
import type { Clock } from '../../../core/base/clock.ts';
import { createLogger, type Logger, redacting } from '../../../core/base/logger.ts';
import { Sensitive } from '../../../core/base/sensitive.ts';

const id = '990101199001010019';
const name = '欧阳小明';
const phone = '10012345678';
const clock: Clock = { nowMs: () => 1_800_000_000_000, monotonicMs: () => 0, sleep: async () => {} };

/** Lets `act` log and gives the lines that came out. */
async function linesOf(act: (log: Logger) => void): Promise<Record<string, unknown>[]> {
  const to = new PassThrough();
  const log = createLogger({ clock, to, level: 'debug', fields: { site: '430121' } });
  act(log);
  await log.close();
  to.end();
  let text = '';
  for await (const chunk of to) text += String(chunk);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a line is one JSON object with time, level, message and fields', async () => {
  const [line] = await linesOf((log) => log.info('batch stored', { size: 20_000 }));
  expect(line).toEqual({
    time: '2027-01-15T08:00:00.000Z',
    level: 'info',
    message: 'batch stored',
    site: '430121',
    size: 20_000,
  });
});

test('a child carries its fields, and fields can not replace time, level or message', async () => {
  const [line] = await linesOf((log) =>
    log.child({ log: '430121/enrollment' }).warn('slow', { message: 'x', level: 'y' }),
  );
  expect(line).toMatchObject({ log: '430121/enrollment', site: '430121', level: 'warn', message: 'slow' });
});

test('no name, number or key comes through any way into the log', async () => {
  const cause = new Error(`cause ${id}`);
  const lines = await linesOf((log) => {
    log.error(`message ${id} ９９０１０１１９９００１０１００１９`, {
      error: new Error(`text ${phone}`, { cause }),
    });
    log.info('field', { certno: id, psn_name: name, name, nested: { list: [{ tel: phone }] } });
    log.warn('map', { map: new Map([['name', name]]), bytes: Buffer.from(id), set: new Set([id]) });
    log.debug('sensitive', { person: new Sensitive(name, 'name') });
    log.child({ who: id }).info('child');
  });
  const text = JSON.stringify(lines);
  expect(lines).toHaveLength(5);
  for (const canary of [
    id,
    phone,
    name,
    '小明',
    Buffer.from(id).toString('hex'),
    [...Buffer.from(id)].join(','),
  ]) {
    expect(text).not.toContain(canary);
  }
});

test('the format masks what winston itself adds: splat, metadata, texts of errors', async () => {
  const to = new PassThrough();
  const logger = winston.createLogger({
    format: winston.format.combine(redacting({ clock }), winston.format.splat(), winston.format.json()),
    transports: [new winston.transports.Stream({ stream: to })],
    defaultMeta: { who: id },
  });
  logger.info('person %s', id);
  logger.error('failed', new Error(`text ${id}`));
  logger.error(new Error(`alone ${id}`));
  logger.info('meta', { certno: id, [Symbol.for('x')]: id });
  logger.child({ tel: phone }).info('child');
  logger.end();
  await once(logger, 'finish');
  to.end();
  let text = '';
  for await (const chunk of to) text += String(chunk);
  expect(text.trim().split('\n')).toHaveLength(5);
  expect(text).not.toContain(id);
  expect(text).not.toContain(phone);
});

test('lines below the level are dropped', async () => {
  const to = new PassThrough();
  const log = createLogger({ clock, to, level: 'warn' });
  log.info('quiet');
  log.error('loud');
  await log.close();
  to.end();
  let text = '';
  for await (const chunk of to) text += String(chunk);
  expect(text).toContain('loud');
  expect(text).not.toContain('quiet');
});

test('a log file is readable by its owner alone, and closing waits until it is written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tongbu-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'node.log');
  const log = createLogger({ clock, to: { file } });
  for (let i = 0; i < 1000; i += 1) log.info('line', { i });
  await log.close();
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1000);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
