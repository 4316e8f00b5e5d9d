import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommandOutcome } from '../support/command.ts';
import { DemoFolder } from '../support/demo-folder.ts';
import { processesNaming } from '../support/processes.ts';

const folder = new DemoFolder();
const persons = 60;
const small = ['--persons', String(persons)];
let whole: CommandOutcome;
let interrupted: CommandOutcome;

// Two at once on one machine: ports, folders and processes must not meet. One is interrupted when all of its
// sites are open, the other runs to its end.
beforeAll(async () => {
  const first = folder.start('whole', ...small, '--keep-data', '--json', folder.of('figures.json'));
  const second = folder.start('interrupted', ...small);
  await Promise.all([folder.reached('whole', 'files'), folder.reached('interrupted', 'files')]);
  // By kill, not by a terminal, which would tell the children too.
  second.child.kill('SIGINT');
  [whole, interrupted] = await Promise.all([first.outcome(), second.outcome()]);
}, 240_000);
afterAll(() => folder.close());

test('the demonstration ends with success and says that nothing is lost or doubled', () => {
  expect([whole.status, whole.stderr]).toEqual([0, expect.not.stringContaining('TB1')]);
  expect(whole.stdout).toContain('lost: 0   duplicate: 0   refused rows: 0');
});

test('the figures name five sites, and the data folder of each is there', () => {
  const { sites } = folder.figures('figures.json');
  expect(sites.map(({ tier }) => tier).sort()).toEqual([
    'county',
    'county',
    'county',
    'national',
    'province',
  ]);
  expect(new Set(sites.map(({ code }) => code)).size).toBe(5);
  for (const { dataDir } of sites) expect(existsSync(join(dataDir, 'tongbu.yaml'))).toBe(true);
});

test('every log has one size and root wherever it may be', () => {
  const { logs, sites, lostEntries, duplicateEntries } = folder.figures('figures.json');
  const counties = sites.filter(({ tier }) => tier === 'county').map(({ code }) => code);
  const names = counties.flatMap((code) =>
    ['claims', 'enrollment', 'persons'].map((log) => `${code}/${log}`),
  );
  expect(logs.map(({ name }) => name).sort()).toEqual(['430000/catalog', ...names].sort());
  for (const { name, tiers, equal } of logs) {
    const held = name.endsWith('/persons') ? ['county', 'province'] : ['county', 'national', 'province'];
    expect([name, Object.keys(tiers).sort()]).toEqual([name, held]);
    expect(new Set(Object.values(tiers).map(({ size, root }) => `${size} ${root}`)).size).toBe(1);
    expect(tiers.province?.size).toBeGreaterThanOrEqual(persons);
    expect(tiers.province?.root).toMatch(/^[0-9a-f]{64}$/);
    expect(equal).toBe(true);
  }
  expect([lostEntries, duplicateEntries]).toEqual([0, 0]);
});

test('Ctrl-C with all sites open ends their processes and leaves no folder', () => {
  expect([interrupted.status, interrupted.stderr]).toEqual([1, expect.stringContaining('TB1018')]);
  expect(existsSync(folder.of('interrupted'))).toBe(false);
  expect(processesNaming(folder.path)).toEqual([]);
});

test('Ctrl-C while the sites are being made does so too', { timeout: 120_000 }, async () => {
  const command = folder.start('early', ...small);
  await folder.reached('early', 'sites');
  command.child.kill('SIGINT');
  const { status, stderr } = await command.outcome();
  expect([status, stderr]).toEqual([1, expect.stringContaining('TB1018')]);
  expect(existsSync(folder.of('early'))).toBe(false);
  expect(processesNaming(folder.of('early'))).toEqual([]);
});
