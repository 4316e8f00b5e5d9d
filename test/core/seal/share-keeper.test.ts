import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { folderOf } from './setting.ts';

const keeper = fileURLToPath(new URL('../../../core/seal/share-keeper.ts', import.meta.url));
const linux = process.platform === 'linux';

/** A process of its own, since the library looks for the session's bus once. */
function withoutBus(work: string) {
  const { DBUS_SESSION_BUS_ADDRESS: _bus, ...environment } = process.env;
  const folder = folderOf();
  const script = `
    const { keepShare, keptShare, forgetShare } = await import(${JSON.stringify(keeper)});
    const place = { site: '430121', officer: 'zhao' };
    const share = { ...place, setId: '3f0c'.repeat(8), epoch: 1, threshold: 2, holders: 3, holder: 1,
      manifestHash: 'de'.repeat(32), value: new Uint8Array(32).fill(0x11) };
    try { console.log('kept', await ${work}); } catch ({ code, message }) { console.log(code, message); }
  `;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...environment, XDG_RUNTIME_DIR: folder, HOME: folder, DISPLAY: '' },
  });
}

/** Serial numbers of the keys that the library would make without its pin. */
function keyring(): string[] {
  const lines = readFileSync('/proc/keys', 'utf8').split('\n');
  return lines.flatMap((line) => (/tongbu share/.test(line) ? [line.slice(0, 8)] : []));
}

test.skipIf(!linux)('without a bus the key store is an error, and nothing lies in the kernel keyring', () => {
  const before = keyring();
  for (const work of ['keepShare(share)', 'keptShare(place)', 'forgetShare(place)']) {
    const { stdout, stderr } = withoutBus(work);
    expect([stdout.slice(0, 7), stderr]).toEqual(['TB1231 ', '']);
    expect(stdout).not.toMatch(/tbs1|1111111111/i);
  }
  expect(keyring()).toEqual(before);
});
