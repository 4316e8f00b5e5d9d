import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TemporaryFolder } from '../support/temporary-folder.ts';
import { root } from '../support/tidy/sources.ts';

const unit = readFileSync(join(root, 'deploy', 'tongbu@.service'), 'utf8');
const missing = spawnSync('systemd-analyze', ['--version']).status !== 0;

describe('the service unit', () => {
  test.each([
    'LimitCORE=0',
    'MemorySwapMax=0',
    'UMask=0077',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'CapabilityBoundingSet=',
    'StateDirectoryMode=0700',
    'User=tongbu',
  ])('says %s', (directive) => {
    expect(unit.split('\n')).toContain(directive);
  });

  test('starts Node with the options that the program would add by itself', () => {
    const program = readFileSync(join(root, 'bin', 'tongbu'), 'utf8');
    const [, list = ''] = /const serveOptions = \[(.*)\];/.exec(program) ?? [];
    const options = [...list.matchAll(/'([^']+)'/g)].map(([, option]) => option ?? '');
    expect(options).toHaveLength(3);
    for (const option of options) expect(unit).toContain(` ${option} `);
    const known = options.map((option) => option.replace(/=.*/, ''));
    for (const option of known) expect(process.allowedNodeEnvironmentFlags.has(option)).toBe(true);
  });

  test.skipIf(missing)(`is understood by systemd${missing ? ' (skipped: no systemd-analyze)' : ''}`, () => {
    const folder = new TemporaryFolder();
    const file = folder.file('tongbu@.service');
    // Where it is to be installed there is nothing on this machine.
    writeFileSync(file, unit.replace('/opt/tongbu/node_modules/.bin/node', '/bin/true'));
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    folder.remove();
    expect(`${stdout}${stderr}`).toBe('');
  });
});
