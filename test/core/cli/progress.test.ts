import { expect, test } from 'vitest';
import { Progress } from '../../../core/cli/progress.ts';
import { createCliWorld } from '../../support/cli-world.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be printed
const escapes = /[\u001b\r\u202e]/;

const text = { en: 'Loading', zh: '导入' };

test('without a terminal a plain line comes at least every ten seconds, also at a standstill', async () => {
  const world = createCliWorld();
  const progress = new Progress(world.context, { text, total: 1000 });
  await world.clock.pass(4_000);
  progress.update(400);
  await world.clock.pass(36_000);
  progress.finish();
  const lines = world.err().trim().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(1 + 40 / 10 + 1);
  expect(lines).toContain('Loading: 400 of 1,000 (40 %), 80/s, 8 s left');
  expect(lines).toContain('Loading: 400 of 1,000 (40 %), 0/s, – left');
  expect(world.err()).not.toMatch(escapes);
  expect(world.out()).toBe('');
});

test('finishing says how much, how long and how fast, once', async () => {
  const world = createCliWorld({ environment: { TONGBU_LANG: 'zh' } });
  const progress = new Progress(world.context, { text });
  await world.clock.pass(2_000);
  progress.update(500_000);
  progress.finish();
  progress.finish();
  await world.clock.pass(60_000);
  const lines = world.err().trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/导入.*500,000.*2 s.*250,000\/秒/);
});

test.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }, { ACCESSIBLE: '1' }])(
  '%o makes a terminal plain',
  (environment) => {
    const world = createCliWorld({ terminal: true, environment });
    const progress = new Progress(world.context, { text, total: 10 });
    progress.update(5);
    progress.finish();
    expect(world.err()).not.toMatch(escapes);
  },
);

test('a terminal gets one bar, which is gone after the last line', () => {
  const world = createCliWorld({ terminal: true });
  {
    using progress = new Progress(world.context, { text, total: 10 });
    progress.update(10);
    progress.finish();
  }
  expect(world.err()).toContain('░');
  expect(world.err().trimEnd()).toMatch(/Loading: 10 in /);
});

test('a throw ends it as well', async () => {
  const world = createCliWorld();
  const act = () => {
    using _progress = new Progress(world.context, { text });
    throw new Error('x');
  };
  expect(act).toThrow('x');
  await world.clock.pass(60_000);
  expect(world.err().trim().split('\n')).toHaveLength(1);
});
