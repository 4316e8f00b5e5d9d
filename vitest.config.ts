import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Whatever takes minutes (many random kills, long simulations) is named *.long.test.ts.
const long = process.env['TONGBU_LONG'] === '1';

export default defineConfig({
  test: {
    include: long ? ['test/**/*.long.test.ts'] : ['test/**/*.test.ts'],
    exclude: long ? [] : ['test/**/*.long.test.ts'],
    // A test states its own time-out when it starts processes.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Forks, not threads: the SQLite driver and process-wide settings stay apart.
    pool: 'forks',
    // Much of the time is spent waiting for other processes, so two even where there is one core.
    maxWorkers: Math.max(2, availableParallelism()),
    // A skipped test must say why, so it is listed.
    reporters: process.env['CI'] ? ['verbose'] : ['default'],
    env: { TONGBU_LANG: 'en' },
  },
});
