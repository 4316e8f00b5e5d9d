import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../support/tidy/sources.ts';

/** Stands for npm: installs nothing but what the set-up looks for, and keeps a list of its calls. */
const fakeNpm = `#!${process.execPath}
import fs from 'node:fs';
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
if (fs.existsSync('no-network')) process.exit(1);
fs.mkdirSync('node_modules/.bin', { recursive: true });
if (process.argv[2] === 'install') {
  const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
  delete packages[''];
  for (const [path, entry] of Object.entries(packages)) if (entry.optional) delete packages[path];
  fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
}
if (process.argv[2] === 'rebuild' && !fs.existsSync('node_modules/.bin/node')) {
  fs.symlinkSync(process.execPath, 'node_modules/.bin/node');
}
`;

interface Repository {
  readonly folder: string;
  setUp(...args: string[]): { readonly status: number | null; readonly out: string; readonly err: string };
  start(...args: string[]): ChildProcess;
  npmCalls(): string[];
  write(name: string, text: string): void;
}

/** A repository of one file in a folder of its own, with nothing installed. */
function repository(): Repository {
  const folder = mkdtempSync(join(tmpdir(), 'tongbu-setup-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['scripts', 'bin', 'tools']) mkdirSync(join(folder, name));
  for (const name of ['scripts/setup.mjs', 'bin/tongbu']) cpSync(join(root, name), join(folder, name));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('package.json', '{"type": "module"}');
  write('package-lock.json', lockWith('1.0.0'));
  write('tools/npm', fakeNpm);
  chmodSync(join(folder, 'tools', 'npm'), 0o755);
  const path = `${join(folder, 'tools')}:${dirname(process.execPath)}:/usr/bin:/bin`;
  const { npm_execpath: _script, npm_node_execpath: _node, ...outside } = process.env;
  const options = { cwd: folder, env: { ...outside, PATH: path } };
  const line = (args: string[]) => [join(folder, 'scripts', 'setup.mjs'), ...args];
  return {
    folder,
    write,
    setUp: (...args) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, line(args), {
        ...options,
        encoding: 'utf8',
      });
      return { status, out: stdout, err: stderr };
    },
    start: (...args) =>
      spawn(process.execPath, line(args), { ...options, stdio: ['ignore', 'pipe', 'inherit'] }),
    npmCalls: () => {
      const file = join(folder, 'npm-calls');
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    },
  };
}

function lockWith(version: string): string {
  const packages = {
    '': {},
    'node_modules/node': { version: process.versions.node },
    'node_modules/a': { version, integrity: 'sha512-x' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  };
  return JSON.stringify({ packages });
}

describe('setting up', () => {
  test('a fresh clone is installed once, without install scripts but that of the pinned Node', () => {
    const repo = repository();
    expect(repo.setUp()).toMatchObject({ status: 0 });
    expect(repo.setUp()).toEqual({ status: 0, out: '', err: '' });
    const calls = repo.npmCalls();
    expect(calls).toHaveLength(2);
    expect(calls[0]).toMatch(/^install .*--ignore-scripts/);
    expect(calls[1]).toMatch(/^rebuild node/);
  });

  test('what somebody else installed completely is taken as it is', () => {
    const repo = repository();
    repo.setUp();
    rmSync(join(repo.folder, 'node_modules', '.tongbu-setup'));
    expect(repo.setUp().status).toBe(0);
    expect(repo.npmCalls()).toHaveLength(2);
  });

  test('a changed lock file installs again', () => {
    const repo = repository();
    repo.setUp();
    repo.write('package-lock.json', lockWith('1.0.1'));
    expect(repo.setUp().status).toBe(0);
    expect(repo.npmCalls()).toHaveLength(3);
  });

  test('without a network it says what to do, and runs nothing', () => {
    const repo = repository();
    repo.write('no-network', '');
    repo.write('hello.mjs', "console.log('ran')");
    const { status, out, err } = repo.setUp('--run', 'hello.mjs');
    expect([status, out]).toEqual([1, '']);
    expect(err).toContain('Without a network');
    expect(err).toContain('内网镜像');
  });

  test('the own command is linked, so that npx finds it and asks no registry', () => {
    const repo = repository();
    repo.setUp();
    expect(existsSync(join(repo.folder, 'node_modules', '.bin', 'tongbu'))).toBe(true);
  });

  test('a wrong call is answered with the usage', () => {
    const repo = repository();
    repo.setUp();
    expect(repo.setUp('--rnu', 'x')).toMatchObject({ status: 2, out: '' });
  });
});

describe('--run', () => {
  test('gives the script its arguments, the pinned Node and the path, and passes its exit code', () => {
    const repo = repository();
    const body = `console.log(JSON.stringify([process.argv.slice(2), process.env.PATH.split(':')[0]]));
      process.exit(4);`;
    repo.write('hello.mjs', body);
    const { status, out } = repo.setUp('--run', 'hello.mjs', '--json', 'out.json', '-x', 'a b');
    expect(status).toBe(4);
    expect(JSON.parse(out)).toEqual([
      ['--json', 'out.json', '-x', 'a b'],
      join(repo.folder, 'node_modules', '.bin'),
    ]);
  });

  test('hands signals on and waits until the script has ended', async () => {
    const repo = repository();
    repo.setUp();
    const body = `process.on('SIGTERM', () => { console.log('bye'); process.exit(7); });
      setInterval(() => {}, 1000); console.log('ready');`;
    repo.write('wait.mjs', body);
    const child = repo.start('--run', 'wait.mjs');
    let out = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      out += String(chunk);
      if (out === 'ready\n') child.kill('SIGTERM');
    });
    const [code] = (await once(child, 'close')) as [number];
    expect([code, out]).toEqual([7, 'ready\nbye\n']);
  });
});

describe('bin/tongbu on an older Node', () => {
  const pretend = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.20.8'}})`;

  function runOld(folder: string, environment: Record<string, string> = {}) {
    const env = { PATH: process.env['PATH'] ?? '', ...environment };
    return spawnSync(process.execPath, ['--import', pretend, join(folder, 'bin', 'tongbu'), '--x'], {
      encoding: 'utf8',
      env,
    });
  }

  test('without the pinned Node it says so in the reader’s language and ends with 2', () => {
    const { folder } = repository();
    const english = runOld(folder);
    expect([english.status, english.stdout]).toEqual([2, '']);
    expect(english.stderr).toMatch(/^TB1001 Node 18\.20\.8 is too old/);
    expect(runOld(folder, { TONGBU_LANG: 'zh' }).stderr).toMatch(/^TB1001 Node 18\.20\.8 版本过低/);
  });

  test('it goes on with the pinned Node, its arguments and its exit code', () => {
    const repo = repository();
    repo.setUp();
    repo.write(
      'bin/main.ts',
      'export async function main() { console.log(process.argv[2]); process.exitCode = 3; }',
    );
    const { status, stdout } = runOld(repo.folder);
    expect([status, stdout]).toEqual([3, '--x\n']);
  });
});
