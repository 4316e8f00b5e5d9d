import { describe, expect, test } from 'vitest';
import { fault } from '../../../core/base/errors.ts';
import type { CliContext, Command } from '../../../core/cli/context.ts';
import { displayWidth } from '../../../core/cli/display-width.ts';
import { addExamples, addOption, groups, siteCode, wholeNumber } from '../../../core/cli/options.ts';
import { printDocument, printResult } from '../../../core/cli/output.ts';
import { type ProgramSpec, runProgram } from '../../../core/cli/program.ts';
import { type CliWorldOptions, createCliWorld } from '../../support/cli-world.ts';

const loaded: string[] = [];

function register(command: Command, context: CliContext): void {
  command.argument('<file>', context.text({ en: 'what to load', zh: '要导入的文件' }));
  addOption(command, context, {
    flags: '-p, --port <number>',
    text: { en: 'where to listen', zh: '监听端口' },
    group: groups.connection,
    default: 7443,
    parse: wholeNumber('--port', 1, 65_535),
  });
  addOption(command, context, {
    flags: '--site <code>',
    text: { en: 'site code', zh: '站点代码' },
    parse: siteCode('--site'),
  });
  addOption(command, context, {
    flags: '--tier <tier>',
    text: { en: 'tier', zh: '层级' },
    choices: ['county', 'province'],
  });
  addExamples(command, context, [
    { line: 'tongbu node load x.csv', text: { en: 'load a file', zh: '导入文件' } },
  ]);
  command.action((file: string, options: { port: number }) => {
    if (file === 'sealed') throw fault('TB1015', { option: '--x', min: 1, max: 2 });
    if (file === 'broken') throw new TypeError('990101199001010019');
    if (file === 'partly') context.exitCode = 4;
    printResult(context, { file, port: options.port }, () => `${file} ${options.port}`);
  });
}

const spec: ProgramSpec = {
  name: 'tongbu',
  version: '1.2.3',
  text: { en: 'a program', zh: '程序' },
  welcome: { en: 'welcome', zh: '欢迎' },
  commands: [
    {
      name: 'node',
      text: { en: 'the county process', zh: '县级节点' },
      commands: [
        {
          name: 'load',
          text: { en: 'take rows from a file', zh: '从文件导入数据' },
          load: async () => {
            loaded.push('load');
            return { register };
          },
        },
        {
          name: 'serve',
          text: { en: 'run the node', zh: '运行节点' },
          load: async () => {
            loaded.push('serve');
            return { register: () => {} };
          },
        },
      ],
    },
  ],
};

async function run(line: string, options: CliWorldOptions = {}) {
  const world = createCliWorld({ json: line.includes('--json'), ...options });
  loaded.length = 0;
  const argv = line === '' ? [] : line.split(' ');
  const exitCode = await runProgram(spec, argv, world.context);
  return { exitCode, out: world.out(), err: world.err() };
}

const chinese = { environment: { TONGBU_LANG: 'zh_CN.UTF-8' } };

describe('running', () => {
  test('a command gets its arguments and prints its data on standard output', async () => {
    expect(await run('node load x.csv --port 5')).toEqual({ exitCode: 0, out: 'x.csv 5\n', err: '' });
  });

  test('only the module of the command that is called is loaded', async () => {
    await run('--help');
    await run('node --help');
    expect(loaded).toEqual([]);
    await run('node load x.csv');
    expect(loaded).toEqual(['load']);
  });

  test('without arguments it says how to begin', async () => {
    expect(await run('')).toEqual({ exitCode: 0, out: 'welcome\n', err: '' });
    expect((await run('', chinese)).out).toBe('欢迎\n');
  });

  test('the version goes to standard output', async () => {
    expect(await run('--version')).toEqual({ exitCode: 0, out: '1.2.3\n', err: '' });
  });

  test('a command may end with partly done', async () => {
    expect((await run('node load partly')).exitCode).toBe(4);
  });

  test('an error that is no fault shows its kind and not its text', async () => {
    const { exitCode, out, err } = await run('node load broken');
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toContain('TB1005');
    expect(err).toContain('TypeError');
    expect(err).not.toContain('990101199001010019');
  });

  test('even the stack of a bug, shown on demand, is masked', async () => {
    const { err } = await run('node load broken', { environment: { TONGBU_DEBUG: '1' } });
    expect(err).toContain('TypeError: 9901***9');
  });
});

describe('wrong use ends with 2 and our own sentence', () => {
  test.each([
    ['nod', 'TB1006', '→ node'],
    ['node laod x.csv', 'TB1006', '→ load'],
    ['node load x.csv --prot 5', 'TB1007', '→ --port'],
    ['node load', 'TB1008', '<file>'],
    ['node load x.csv --port', 'TB1009', '--port'],
    ['node load x.csv y.csv', 'TB1011', '2'],
    ['node load x.csv --tier town', 'TB1013', 'county, province'],
    ['node load x.csv --port 70000', 'TB1015', '65535'],
    ['node load x.csv --site 43012', 'TB1016', '--site'],
  ])('%s gives %s', async (line, code, part) => {
    for (const options of [{}, chinese]) {
      const { exitCode, out, err } = await run(line, options);
      expect([exitCode, out]).toEqual([2, '']);
      expect(err).toContain(code);
      expect(err).toContain(part);
      expect(err).not.toMatch(/\{\w+\}|error:/);
    }
  });

  test('values are not repeated, because they may be a share or a name', async () => {
    const { err } = await run('node load x.csv 990101199001010019 --tier secret');
    expect(err).not.toMatch(/990101199001010019|secret/);
  });

  test('a group without its command shows its help on standard error', async () => {
    const { exitCode, out, err } = await run('node');
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toContain('take rows from a file');
  });
});

describe('--json', () => {
  test('gives exactly one document, with its version', async () => {
    const { out, err } = await run('node load x.csv --json');
    expect(JSON.parse(out)).toEqual({ version: 1, file: 'x.csv', port: 7443 });
    expect(err).toBe('');
  });

  test.each(['node load sealed --json', 'node load --json', 'nod --json', 'node load x.csv --foo --json'])(
    'errors included: %s',
    async (line) => {
      const { out, err, exitCode } = await run(line);
      const document = JSON.parse(out) as { error: Record<string, unknown> };
      expect(document).toMatchObject({ version: 1, error: { code: expect.stringMatching(/^TB\d{4}$/) } });
      expect(Object.keys(document.error)).toEqual(expect.arrayContaining(['message', 'hint', 'parameters']));
      expect([exitCode, err]).toEqual([2, '']);
    },
  );

  test('64-bit integers are strings, bytes are hexadecimal', () => {
    const world = createCliWorld({ json: true });
    printDocument(world.context, { n: 2n ** 63n, b: Buffer.from('ab'), u: new Uint8Array([1, 255]) });
    expect(JSON.parse(world.out())).toEqual({ version: 1, n: '9223372036854775808', b: '6162', u: '01ff' });
  });
});

describe('help', () => {
  test('speaks the reader’s language, with groups, defaults, examples and exit codes', async () => {
    const english = (await run('node load --help')).out;
    for (const part of ['Usage:', 'Connection:', '(default: 7443)', 'Examples:', 'Exit codes:', '--json']) {
      expect(english).toContain(part);
    }
    const { out } = await run('node load --help', chinese);
    for (const part of [
      '用法：',
      '连接：',
      '(默认：7443)',
      '示例：',
      '导入文件',
      '退出码',
      '[选项]',
      '要导入的文件',
    ]) {
      expect(out).toContain(part);
    }
    expect(out).not.toMatch(/Usage|Options|Commands|Arguments|default|choices/);
  });

  test('`help node load` is the same as `node load --help`', async () => {
    expect((await run('help node load')).out).toBe((await run('node load --help')).out);
  });

  test('columns align by display width in both languages', async () => {
    for (const options of [{}, chinese]) {
      const { out } = await run('node load --help', options);
      const starts = out
        .split('\n')
        .map((line) => /^ {2}(-\S.*?) {2,}(?=\S)/.exec(line)?.[0])
        .filter((start) => start !== undefined)
        .map(displayWidth);
      expect(starts.length).toBeGreaterThan(3);
      expect(new Set(starts).size).toBe(1);
    }
  });

  test('holds no escape sequences', async () => {
    const { out } = await run('node load --help', { terminal: true });
    expect(out).not.toContain('\u001b');
  });
});
