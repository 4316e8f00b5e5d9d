import { expect, test } from 'vitest';
import { simulate } from './world/simulation.ts';

/* `npm run sim -- --seeds 500` runs many more; each of them is the same every time. */

test.each([1, 2, 3, 7])(
  'whatever breaks in seed %i, everything arrives everywhere once, in order and as signed',
  async (seed) => {
    const result = await simulate(seed);
    expect(result.entries).toBeGreaterThan(500);
    expect(result.steps).toBeGreaterThan(300);
  },
  60_000,
);

test('the same seed gives the same run, another one another', async () => {
  const [one, again] = [await simulate(2), await simulate(2)];
  expect(again).toEqual(one);
  expect((await simulate(4)).digest).not.toBe(one.digest);
}, 60_000);
