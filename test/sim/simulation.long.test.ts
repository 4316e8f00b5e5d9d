import { describe, expect, test } from 'vitest';
import { Violation } from './world/checker.ts';
import { mutations } from './world/mutation.ts';
import { simulate } from './world/simulation.ts';

/** Every check would be worthless if a site that does wrong passed it. */
describe('a site that does wrong is caught when it', () => {
  test.each(mutations)(
    '%s',
    async (mutation) => {
      const caught = await firstViolation(mutation);
      expect(caught).toMatch(expected[mutation]);
      expect(caught).toMatch(/repeat with: npm run sim -- --seed \d+/);
    },
    90_000,
  );

  const expected: Record<(typeof mutations)[number], RegExp> = {
    'answers before it stores': /answered \d+ of .* and holds/,
    'lets a fenced session write': /a fenced session wrote/,
    'loses the newest commits in a crash': /went back from/,
    'says yes to a full disk': /answered \d+ of .* and holds/,
    'takes entries unproven': /another root|not those that were written|failed/,
    'forgets a follower’s position': /entries were taken of/,
    'sends past the window': /ahead of the last ack/,
    'leaves out an entry': /a batch from \d+, expected/,
    'never dials again': /no convergence/,
  };

  async function firstViolation(mutation: (typeof mutations)[number]): Promise<string> {
    for (let seed = 1; seed <= 15; seed += 1) {
      try {
        await simulate(seed, mutation);
      } catch (error) {
        if (error instanceof Violation) return error.message;
        throw error;
      }
    }
    return 'nothing was found';
  }
});
