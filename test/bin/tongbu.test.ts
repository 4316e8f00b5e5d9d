import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../bin/commands.ts';
import { type CommandEntry, runProgram } from '../../core/cli/program.ts';
import { createCliWorld } from '../support/cli-world.ts';
import { root } from '../support/tidy/sources.ts';

function tongbu(...args: string[]) {
  const options = { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } } as const;
  return spawnSync(process.execPath, [join(root, 'bin', 'tongbu'), ...args], options);
}

/** Every command that runs something, by the words that call it. */
function leafs(entries: readonly CommandEntry[], path: readonly string[] = []): string[][] {
  return entries.flatMap((entry) =>
    entry.load ? [[...path, entry.name]] : leafs(entry.commands ?? [], [...path, entry.name]),
  );
}

describe('the real program', () => {
  test('without arguments it names commands to begin with, and succeeds', () => {
    const { status, stdout, stderr } = tongbu();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('tongbu demo');
  });

  test('an error ends with its exit code and leaves standard output empty', () => {
    const { status, stdout, stderr } = tongbu('errors', 'TB0000');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('TB1017');
  });

  test('a long output through a pipe arrives whole', () => {
    const { status, stdout } = tongbu('errors', '--json');
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as { errors: unknown[] }).errors.length).toBeGreaterThan(20);
  });

  test('a reader who leaves early is no error', () => {
    const line = `'${process.execPath}' bin/tongbu errors | head -1; echo \${PIPESTATUS[0]}`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line], { cwd: root, encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stdout.trim().endsWith('\n0')).toBe(true);
    expect(stderr).toBe('');
  });
});

describe.each(leafs(commands).map((path) => ({ line: path.join(' '), path })))('tongbu $line', ({ path }) => {
  test.each(['en', 'zh'])('has help with an example in %s', async (language) => {
    const world = createCliWorld({ environment: { TONGBU_LANG: language } });
    const spec = {
      name: 'tongbu',
      version: '0',
      text: { en: 'a', zh: 'b' },
      welcome: { en: 'a', zh: 'b' },
      commands,
    };
    expect(await runProgram(spec, [...path, '--help'], world.context)).toBe(0);
    const help = world.out();
    expect(help).toContain(language === 'zh' ? '用法' : 'Usage:');
    // A command with subcommands has its examples there.
    if (!/^(Commands:|命令)/m.test(help)) expect(help).toMatch(/^(Examples:|示例)/m);
    if (language === 'en') expect(help.replaceAll(/TONGBU_LANG=zh .*/g, '')).not.toMatch(/[\u4e00-\u9fff]/);
  });
});
