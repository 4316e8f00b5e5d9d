import { expect, test } from 'vitest';
import { EnteredShares } from '../../../core/seal/entered-shares.ts';
import { TestClock } from './setting.ts';

test('at the deadline the shares turn to zeros by themselves, and not before', async () => {
  const clock = new TestClock();
  const entered = new EnteredShares(clock, 1000);
  const value = new Uint8Array(32).fill(1);
  entered.add('chen', value);
  clock.advance(999);
  await Promise.resolve();
  expect(value).toEqual(new Uint8Array(32).fill(1));
  clock.advance(1);
  await Promise.resolve();
  expect(value).toEqual(new Uint8Array(32));
  expect(entered.expired()).toBe(true);
});

test('wiping ends the timer and leaves nothing to combine with', () => {
  const clock = new TestClock();
  const entered = new EnteredShares(clock, 1000);
  const value = new Uint8Array(32).fill(1);
  entered.add('chen', value);
  entered.wipe();
  expect(value).toEqual(new Uint8Array(32));
  expect([...entered.with('li', value).keys()]).toEqual(['li']);
});
