import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DemoFolder } from '../support/demo-folder.ts';
import { processesNaming } from '../support/processes.ts';
import { root } from '../support/tidy/sources.ts';

const data = process.env['TONGBU_SHARED_DATA'] ?? join(root, '..', 'shared', 'data');
const missing = !existsSync(data);

let folder: DemoFolder | undefined;
afterEach(() => folder?.close());

test('two demonstrations at once both end with success, and leave only what was asked for', {
  timeout: 600_000,
}, async () => {
  folder = new DemoFolder();
  const demos = [folder.start('kept', '--keep-data'), folder.start('passing')];
  const outcomes = await Promise.all(demos.map((command) => command.outcome()));
  expect(outcomes.map(({ status }) => status)).toEqual([0, 0]);
  for (const { stdout } of outcomes) expect(stdout).toContain('lost: 0   duplicate: 0');
  expect([existsSync(folder.of('kept')), existsSync(folder.of('passing'))]).toEqual([true, false]);
  expect(processesNaming(folder.path)).toEqual([]);
});

const reason = missing ? ' (skipped: no folder of real data; set TONGBU_SHARED_DATA)' : '';

test.skipIf(missing)(
  `real catalogs, persons and claims flow, none lost, none doubled${reason}`,
  {
    timeout: 1_800_000,
  },
  async () => {
    folder = new DemoFolder();
    const command = folder.start('real', '--data', data, '--json', folder.of('figures.json'));
    const { status, stdout } = await command.outcome();
    expect([status, stdout]).toEqual([0, expect.stringContaining('lost: 0   duplicate: 0')]);
    const { logs, lostEntries, duplicateEntries } = folder.figures('figures.json');
    expect([lostEntries, duplicateEntries]).toEqual([0, 0]);
    expect(logs.every(({ equal }) => equal)).toBe(true);
    const sizes = new Map(logs.map(({ name, tiers }) => [name, tiers.province?.size ?? 0]));
    expect(sizes.get('430000/catalog')).toBeGreaterThanOrEqual(13_738);
    for (const dataset of ['persons', 'claims']) {
      const held = [...sizes].filter(([name]) => name.endsWith(`/${dataset}`));
      expect(held.reduce((sum, [, size]) => sum + size, 0)).toBeGreaterThan(1_000);
    }
  },
);
