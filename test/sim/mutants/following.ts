import type { Mutant } from './mutant.ts';

const follower = 'core/follow/follower.ts';

/** Defects of what happens after receipt. */
export const followingMutants: readonly Mutant[] = [
  {
    name: 'writes a follower’s position without compare-and-swap',
    edits: [
      {
        file: follower,
        find: "'UPDATE follower SET size = ? WHERE name = ? AND log = ? AND size = ?'",
        put: "'UPDATE follower SET size = ? WHERE name = ? AND log = ? AND (1 OR size = ?)'",
      },
    ],
    caughtBy: ['test/core/follow/follower.test.ts'],
  },
  {
    name: 'writes a follower’s position apart from its effects',
    edits: [
      {
        file: follower,
        find: 'this.#target.transaction(() => {\n      for (const',
        put: 'this.#target.transaction(() => {\n      this.#move.run(end, this.name, printLog(this.#log), from);\n    });\n    this.#target.transaction(() => {\n      for (const',
      },
      {
        file: follower,
        find: "assert(moved.changes === 1, 'one process runs this follower');",
        put: "assert(moved.changes >= 0, 'a count');",
      },
    ],
    caughtBy: ['test/core/follow/follower.test.ts', 'test/fault/durable-steps.test.ts'],
  },
  {
    name: 'takes the entries below its position again',
    edits: [{ file: follower, find: 'if (index >= from) {', put: 'if (index >= 0) {' }],
    caughtBy: ['test/core/follow/follower.test.ts'],
  },
  {
    name: 'skips the entry that it should set aside',
    edits: [{ file: follower, find: 'if (problem) {', put: "if (problem && problem.code === '') {" }],
    caughtBy: 'simulation',
  },
  {
    name: 'stops a follower one segment early',
    edits: [{ file: follower, find: 'end = segment.end;', put: 'end = segment.end - 1;' }],
    caughtBy: 'simulation',
  },
];
