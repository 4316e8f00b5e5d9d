import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exposedPaths } from '../../core/site/exposed-files.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { RunningCommand } from '../support/command.ts';
import { TestConstellation } from '../support/constellation.ts';
import { TemporaryFolder } from '../support/temporary-folder.ts';
import { root } from '../support/tidy/sources.ts';

const linux = existsSync('/proc/self/limits');
const linuxReason = linux ? '' : ' (skipped: no /proc on this machine)';

let world: TestConstellation;
let province: DemoSite;
const folder = new TemporaryFolder();
let copies = 0;

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: [] });
  province = world.all.province;
}, 120_000);
afterAll(async () => {
  await world?.close();
  folder.remove();
});

/** The data folder of the province as it lies on the disk, for a second process that never comes to run. */
function copied(): string {
  copies += 1;
  const copy = join(folder.path, `copy-${copies}`);
  cpSync(province.location.dataDir, copy, { recursive: true });
  chmodSync(copy, 0o700);
  return copy;
}

async function refused(args: readonly string[], environment = {}): Promise<{ code: string; text: string }> {
  const { status, stdout } = await new RunningCommand([...args, '--json'], environment).outcome();
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string } };
  expect([1, 2]).toContain(status);
  return { code: error.code, text: `${error.message} ${error.hint}` };
}

const proc = (pid: number, name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1');

/** Sockets on which the process listens, by inode. */
function listening(pid: number): string[] {
  const own = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? ''];
    } catch {
      return []; // closed meanwhile
    }
  });
  const lines = ['tcp', 'tcp6'].flatMap((name) => proc(pid, `net/${name}`).split('\n'));
  const states = lines.map((line) => line.trim().split(/\s+/)).filter(([, , , state]) => state === '0A');
  return states.map((columns) => columns[9] ?? '').filter((inode) => own.includes(inode));
}

describe.skipIf(!linux)(`a site that runs${linuxReason}`, () => {
  const pid = () => province.pid ?? 0;

  test('opens no inspector at SIGUSR1, and goes on', async () => {
    const before = listening(pid());
    expect(before.length).toBeGreaterThan(0);
    process.kill(pid(), 'SIGUSR1');
    const client = await province.client();
    for (let i = 0; i < 3; i += 1) await client.unary('site', 'Site', 'getStatus', {});
    expect(listening(pid()).sort()).toEqual(before.sort());
    expect(readFileSync(province.location.logFile, 'utf8')).not.toContain('Debugger');
  });

  test('has its private TLS keys in locked memory, no core dump, and a umask that leaves others nothing', () => {
    const options = proc(pid(), 'cmdline').split('\0');
    expect(options).toEqual(expect.arrayContaining(['--disable-sigusr1', '--secure-heap=1048576']));
    expect(proc(pid(), 'limits')).toMatch(/^Max core file size +0 +0 /m);
    expect(proc(pid(), 'status')).toMatch(/^Umask:\s+0077$/m);
  });

  test('has not one file or folder that is open to others', () => {
    expect(exposedPaths(province.location.dataDir)).toEqual([]);
  });

  test('warns when it runs as root', () => {
    const warned = readFileSync(province.location.logFile, 'utf8').includes('running as root');
    expect(warned).toBe(process.geteuid?.() === 0);
  });
});

describe.skipIf(!linux)(`a site does not start${linuxReason}`, () => {
  test('with secrets that others may read: all are named at once, with the command that closes them', async () => {
    const data = copied();
    chmodSync(join(data, 'tls', 'gate', 'key.pem'), 0o644);
    chmodSync(join(data, 'seal', 'seal.state'), 0o640);
    chmodSync(join(data, 'hub.db'), 0o604);
    const { code, text } = await refused(['hub', 'serve', '--data', data]);
    expect(code).toBe('TB1930');
    for (const path of ['tls/gate/key.pem (0644', 'seal/seal.state (0640', 'hub.db (0604']) {
      expect(text).toContain(path);
    }
    expect(text).toContain(`chmod -R go= ${data}`);
    spawnSync('chmod', ['-R', 'go=', data]);
    expect(exposedPaths(data)).toEqual([]);
  });

  test('with a data folder that others may enter', async () => {
    const data = copied();
    chmodSync(data, 0o755);
    expect(await refused(['hub', 'serve', '--data', data])).toMatchObject({ code: 'TB1930' });
  });

  test.each([['--inspect=0'], ['--heapsnapshot-signal=SIGUSR2'], ['--tls-min-v1.2']])(
    'with %s, as an argument of Node or in its environment',
    async (option) => {
      const data = copied();
      expect(await refused(['hub', 'serve', '--data', data], { NODE_OPTIONS: option })).toMatchObject({
        code: 'TB1326',
        text: expect.stringContaining(option.replace(/=.*/, '')),
      });
      const script = join(root, 'bin', 'tongbu');
      const args = [option, script, 'hub', 'serve', '--data', data, '--json'];
      const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'TB1326' } });
    },
  );

  test('with core dumps on, where it was not started by its own program', async () => {
    const data = copied();
    const options = ['--disable-sigusr1', '--secure-heap=1048576', '--secure-heap-min=2'];
    const node = [process.execPath, ...options, join(root, 'bin', 'tongbu')];
    const raise = 'ulimit -S -c unlimited 2>/dev/null || exit 99; exec "$@"';
    const { status, stdout } = spawnSync(
      '/bin/sh',
      ['-c', raise, 'sh', ...node, 'hub', 'serve', '--data', data, '--json'],
      { encoding: 'utf8' },
    );
    if (status === 99) return; // the machine forbids core dumps altogether
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'TB1931' } });
  });
});
