import { describe, expect, it } from 'vitest';
import { AttemptLimit } from '../../../core/wire/attempt-limit.ts';

function limit(changes = {}) {
  const time = { nowMs: 0 };
  const rate = { burst: 3, refillMs: 1_000, addresses: 100, ...changes };
  return { time, limit: new AttemptLimit(rate, { monotonicMs: () => time.nowMs }) };
}

const taken = (of: AttemptLimit, address: string, times: number) =>
  Array.from({ length: times }, () => {
    try {
      of.take(address);
      return true;
    } catch {
      return false;
    }
  }).filter(Boolean).length;

describe('an attempt limit', () => {
  it('takes a burst, then one for each refill, and says how long to wait', () => {
    const { time, limit: of } = limit();
    expect(taken(of, 'a', 10)).toBe(3);
    expect(() => of.take('a')).toThrow(
      expect.objectContaining({ code: 'TB1319', parameters: { seconds: 1 } }),
    );
    time.nowMs += 1_000;
    expect(taken(of, 'a', 10)).toBe(1);
    time.nowMs += 1_000_000;
    expect(taken(of, 'a', 10)).toBe(3);
  });

  it('counts every address apart and forgets the longest quiet one first', () => {
    const { limit: of } = limit({ addresses: 2 });
    expect([taken(of, 'a', 5), taken(of, 'b', 5)]).toEqual([3, 3]);
    expect(taken(of, 'c', 5)).toBe(3);
    expect(taken(of, 'b', 5)).toBe(0);
    expect(taken(of, 'a', 5)).toBe(3);
  });
});
