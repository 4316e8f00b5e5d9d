import { describe, expect, test } from 'vitest';
import { commands, welcome } from '../../../../bin/commands.ts';
import { type CommandEntry, runProgram } from '../../../../core/cli/program.ts';
import { createCliWorld } from '../../../support/cli-world.ts';

const spec = { name: 'tongbu', version: '0', text: { en: 'x', zh: 'x' }, commands, welcome };

async function helpOf(path: readonly string[], language: string): Promise<string> {
  const world = createCliWorld({ environment: { TONGBU_LANG: language } });
  expect(await runProgram(spec, [...path, '--help'], world.context)).toBe(0);
  return world.out();
}

/** Every command that does something; modules add commands of their own, which their help lists. */
async function leaves(entries: readonly CommandEntry[], path: readonly string[] = []): Promise<string[][]> {
  const found: string[][] = [];
  for (const { name, commands: below } of entries) {
    const here = [...path, name];
    if (below) found.push(...(await leaves(below, here)));
    else {
      const listed = (await helpOf(here, 'en')).split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
      const names = [...listed.matchAll(/^ {2}([a-z][a-z0-9-]*)/gm)].map((match) => match[1] ?? '');
      const own = names.filter((own) => own !== 'help');
      found.push(...(own.length > 0 ? own.map((name) => [...here, name]) : [here]));
    }
  }
  return found;
}

const paths = await leaves(commands);

describe.each(paths.map((path) => [path.join(' '), path] as const))('tongbu %s', (name, path) => {
  test('has an example and the exit codes in both languages', async () => {
    const [en, zh] = [await helpOf(path, 'en'), await helpOf(path, 'zh')];
    expect(en).toMatch(new RegExp(`Examples:\\n {2}(tongbu|npm run) ${name}`));
    expect(en).toContain('Exit codes: 0 done');
    expect(zh).toMatch(new RegExp(`示例：\\n {2}(tongbu|npm run) ${name}`));
    expect(zh).toContain('退出码：0 完成');
  });

  test('takes no secret as an argument', async () => {
    const help = await helpOf(path, 'en');
    expect(help).not.toMatch(/--(passphrase|password|token|secret|share-text|pin)[ =]/);
  });

  test('describes every option in Chinese too', async () => {
    const help = await helpOf(path, 'zh');
    const options = help.split('\n').filter((line) => /^ {2}-/.test(line));
    for (const line of options) expect(line).toMatch(/[\u4e00-\u9fff]|^ {2}\S+( <\S+>)?$/);
  });
});

test('all commands are found', () => {
  expect(paths.map((path) => path.join(' '))).toEqual(
    expect.arrayContaining(['hub token', 'certs init', 'seal unseal', 'log check', 'node load', 'errors']),
  );
});
