import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../core/base/errors.ts';
import { confirm, promptLine, promptSecret } from '../../../core/cli/prompt.ts';
import { createCliWorld, settled } from '../../support/cli-world.ts';

const question = { en: 'Share', zh: '份额' };

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: Fault) => error.code,
  );
}

describe('secrets', () => {
  test('from a terminal without echo, with the terminal put back afterwards', async () => {
    const world = createCliWorld({ terminal: true });
    const answer = promptSecret(world.context, question);
    world.type('tbs1qq');
    await settled();
    world.type('x\u007fpz\r');
    expect(await answer).toBe('tbs1qqpz');
    expect(world.err()).toBe('Share: \n');
    expect(world.rawModes).toEqual([true, false]);
  });

  test('from a pipe line by line, without a question', async () => {
    const world = createCliWorld();
    world.type('first\r\nsecond\nthird');
    world.endInput();
    expect(await promptSecret(world.context, question)).toBe('first');
    expect(await promptSecret(world.context, question)).toBe('second');
    expect(await promptSecret(world.context, question)).toBe('third');
    expect(await codeOf(promptSecret(world.context, question))).toBe('TB1019');
    expect(world.err()).toBe('');
  });

  test('a character that is cut in two by the pipe arrives whole', async () => {
    const world = createCliWorld();
    const bytes = Buffer.from('口令\n');
    const answer = promptSecret(world.context, question);
    (world.context.stdin as unknown as NodeJS.WritableStream).write(bytes.subarray(0, 2));
    await settled();
    (world.context.stdin as unknown as NodeJS.WritableStream).write(bytes.subarray(2));
    expect(await answer).toBe('口令');
  });

  test('Ctrl-C and a signal interrupt, and the terminal is put back', async () => {
    const typed = createCliWorld({ terminal: true });
    const first = codeOf(promptSecret(typed.context, question));
    typed.type('abc\u0003');
    expect(await first).toBe('TB1018');
    expect(typed.rawModes).toEqual([true, false]);

    const signalled = createCliWorld({ terminal: true });
    const second = codeOf(promptSecret(signalled.context, question));
    signalled.abort.abort();
    expect(await second).toBe('TB1018');
    expect(signalled.rawModes).toEqual([true, false]);
  });

  test('input without an end is refused, not collected', async () => {
    const world = createCliWorld();
    world.type('x'.repeat(5_000));
    expect(await codeOf(promptSecret(world.context, question))).toBe('TB1020');
  });
});

describe('confirmation', () => {
  const wanted = { question: { en: 'This revokes 430121.', zh: '将吊销 430121。' }, expected: '430121' };

  test('the typed code is needed, and nothing else will do', async () => {
    const right = createCliWorld({ terminal: true });
    right.type('430121\n');
    expect(await codeOf(confirm(right.context, { ...wanted, yes: false }))).toBe('none');
    expect(right.err()).toContain('This revokes 430121.');

    const wrong = createCliWorld({ terminal: true });
    wrong.type('y\n');
    expect(await codeOf(confirm(wrong.context, { ...wanted, yes: false }))).toBe('TB1022');
  });

  test('without a terminal it needs --yes', async () => {
    const world = createCliWorld();
    world.type('430121\n');
    expect(await codeOf(confirm(world.context, { ...wanted, yes: false }))).toBe('TB1021');
    expect(await codeOf(confirm(world.context, { ...wanted, yes: true }))).toBe('none');
  });
});

test('a line that may be seen is asked for on a terminal alone', async () => {
  const world = createCliWorld({ terminal: true, environment: { LANG: 'zh_CN.UTF-8' } });
  world.type('430121\n');
  expect(await promptLine(world.context, question)).toBe('430121');
  expect(world.err()).toBe('份额：');
});
