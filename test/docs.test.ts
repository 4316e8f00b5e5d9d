import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { commands } from '../bin/commands.ts';
import { isErrorCode } from '../core/base/errors.ts';
import type { CommandEntry } from '../core/cli/program.ts';
import { createCliWorld } from './support/cli-world.ts';
import { root } from './support/tidy/sources.ts';

interface Page {
  readonly path: string;
  readonly text: string;
}

const pages: readonly Page[] = [
  'README.md',
  'README.zh-CN.md',
  ...readdirSync(`${root}/docs`, { recursive: true, encoding: 'utf8' })
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md'))
    .sort(),
].map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));

/** Pages that exist in two languages. */
const pairs = pages
  .filter(({ path }) => path.endsWith('.zh-CN.md'))
  .map(({ path }) => [path.replace('.zh-CN.md', '.md'), path] as const);

function pageOf(path: string): string {
  return readFileSync(`${root}/${path}`, 'utf8');
}

/** What stands between backticks in running text, and every line of a fenced block. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].flatMap((match) =>
    (match[1] ?? '').split('\n'),
  );
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...[...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? ''), ...blocks];
}

describe('paths', () => {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map((entry) => entry.name);

  /** Words of code that begin with a folder of the repository; `data/` is where the examples put theirs. */
  function missingPaths({ path, text }: Page): string[] {
    return codeOf(text)
      .filter((code) => !/\s/.test(code) && !/[<>*]/.test(code))
      .filter((code) => folders.some((folder) => folder !== 'data' && code.startsWith(`${folder}/`)))
      .filter((code) => !existsSync(`${root}/${code}`))
      .map((code) => `${path} names ${code}`);
  }

  test('every file of the repository that a page names is there', () => {
    expect(pages.flatMap(missingPaths)).toEqual([]);
    expect(missingPaths({ path: 'x.md', text: 'see `core/link/nothing.ts`' })).toHaveLength(1);
    expect(missingPaths({ path: 'x.md', text: 'see `core/link/sender.ts`' })).toEqual([]);
  });

  /** Where links of a page lead, `#heading` included. */
  function brokenLinks({ path, text }: Page): string[] {
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [file = '', heading] = target.split('#');
        const found = file === '' ? path : posix.join(posix.dirname(path), file);
        if (!existsSync(`${root}/${found}`)) return true;
        return (
          heading !== undefined && !headingsOf(pageOf(found)).some((title) => anchorOf(title) === heading)
        );
      })
      .map((target) => `${path} links to ${target}`);
  }

  test('every link of a page leads somewhere', () => {
    expect(pages.flatMap(brokenLinks)).toEqual([]);
    expect(brokenLinks({ path: 'docs/x.md', text: '[a](ARCHITECTURE.md#no-such-heading)' })).toHaveLength(1);
    expect(brokenLinks({ path: 'x.md', text: '[a](docs/nothing.md)' })).toHaveLength(1);
  });
});

describe('commands', () => {
  /** Every command with its options, as commander knows it after its module has registered. */
  async function commandTree(): Promise<Command> {
    const program = new Command('tongbu');
    program.option('-V, --version').option('-h, --help');
    await addAll(program, commands);
    return program;
  }

  async function addAll(parent: Command, entries: readonly CommandEntry[]): Promise<void> {
    const { context } = createCliWorld();
    for (const entry of entries) {
      const command = parent.command(entry.name);
      if (entry.load) (await entry.load()).register(command, context);
      if (entry.commands) await addAll(command, entry.commands);
    }
  }

  /** What is wrong with `tongbu …` as it stands in a page; undefined when the line could be typed. */
  function wrongWith(program: Command, line: string): string | undefined {
    const [, ...words] = line.replaceAll(/'[^']*'/g, 'text').split(/\s+/);
    let command = program;
    const rest = words.filter((word) => word !== '');
    while (rest[0] !== undefined && command.commands.some((sub) => sub.name() === rest[0])) {
      const name = rest.shift();
      command = command.commands.find((sub) => sub.name() === name) ?? command;
    }
    const isGroup = command.commands.length > 0;
    if (isGroup && rest[0] !== undefined && /^[a-z]/.test(rest[0])) return `no command ${rest[0]}`;
    const known = new Set(command.options.map(({ long }) => long));
    const strange = rest.find((word) => word.startsWith('--') && !known.has(word) && word !== '--help');
    return strange === undefined ? undefined : `no option ${strange}`;
  }

  function linesOf({ text }: Page): string[] {
    return codeOf(text)
      .map((code) =>
        code
          .trim()
          .replace(/^npx /, '')
          .replace(/ [>|] .*$/, ''),
      )
      .filter((code) => /^tongbu [a-z-]/.test(code));
  }

  test('every command and option that a page names exists', async () => {
    const program = await commandTree();
    const wrong = pages.flatMap((page) =>
      linesOf(page).flatMap((line) => {
        const reason = wrongWith(program, line);
        return reason === undefined ? [] : [`${page.path}: ${line}: ${reason}`];
      }),
    );
    expect(wrong).toEqual([]);
    expect(pages.flatMap(linesOf).length).toBeGreaterThan(40);
    expect(wrongWith(program, 'tongbu node paint --data x')).toBe('no command paint');
    expect(wrongWith(program, 'tongbu node status --colour')).toBe('no option --colour');
    expect(wrongWith(program, 'tongbu seal open')).toBe('no command open');
  });

  test('every script of npm that a page names exists', () => {
    const { scripts } = JSON.parse(pageOf('package.json')) as { scripts: Record<string, string> };
    const named = pages.flatMap(({ text }) =>
      [...text.matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1] ?? ''),
    );
    expect(named).toContain('demo');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('every error code that a page names is in the catalogue', () => {
    const named = pages.flatMap(({ text }) => text.match(/TB\d{4}/g) ?? []);
    expect(named.filter((code) => !isErrorCode(code))).toEqual([]);
  });
});

function headingsOf(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/^(#+ .*)$/gm)].map((match) => match[1] ?? '');
}

/** As the usual viewers make it: lower case, hyphens for blanks, nothing else but letters and digits. */
function anchorOf(title: string): string {
  const text = title.replace(/^#+ /, '').toLowerCase();
  return text.replaceAll(/[^\p{L}\p{N} -]/gu, '').replaceAll(' ', '-');
}

describe('form', () => {
  test('the architecture page can be read at a sitting', () => {
    expect(pageOf('docs/ARCHITECTURE.md').split('\n').length).toBeLessThan(300);
    const decisions = pages.filter(({ path }) => path.startsWith('docs/decisions/'));
    expect(decisions.filter(({ text }) => text.split('\n').length > 70).map(({ path }) => path)).toEqual([]);
  });

  test('every decision says its context, what was decided, what was not, and what would change it', () => {
    const wanted = ['## Context', '## Decision', '## Rejected', '## What would change our mind'];
    const decisions = pages.filter(({ path }) => path.startsWith('docs/decisions/'));
    expect(decisions.length).toBeGreaterThan(0);
    for (const { path, text } of decisions) {
      expect(headingsOf(text).slice(1), path).toEqual(wanted);
      expect(text, path).toMatch(new RegExp(`^# ${/(\d{4})-/.exec(path)?.[1]} `));
    }
  });

  test.each(pairs)('%s and %s have the same headings and the same commands', (en, zh) => {
    const levels = (path: string) => headingsOf(pageOf(path)).map((title) => title.indexOf(' '));
    const typed = (path: string) => codeOf(pageOf(path)).filter((code) => /^(npm|npx) \S+ \S+ /.test(code));
    expect(levels(zh)).toEqual(levels(en));
    expect(typed(zh)).toEqual(typed(en));
  });

  test('Chinese pages use Chinese punctuation', () => {
    const chinese = pages.filter(({ path }) => path.endsWith('.zh-CN.md'));
    expect(chinese.length).toBeGreaterThan(0);
    expect(chinese.flatMap(westernPunctuation)).toEqual([]);
    expect(westernPunctuation({ path: 'x.md', text: '先签名,后发送' })).toHaveLength(1);
  });

  function westernPunctuation({ path, text }: Page): string[] {
    const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, 'code');
    const found =
      prose.match(/.{0,6}[\u4e00-\u9fff][,;:!?](?!\w).{0,6}|[\u4e00-\u9fff][,;:!?][\u4e00-\u9fff]/g) ?? [];
    return found.map((place) => `${path}: ${place}`);
  }

  test('no page is empty or a folder', () => {
    expect(
      pages.filter(({ path }) => statSync(`${root}/${path}`).size < 200).map(({ path }) => path),
    ).toEqual([]);
  });
});

describe('the table of threats', () => {
  const page = 'docs/SECURITY.md';

  /** The cells of every row that begins with a threat's number. */
  function rowsOf(text: string): string[][] {
    return text
      .split('\n')
      .filter((line) => /^\| T\d+ \|/.test(line))
      .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
  }

  function wrongWith(row: readonly string[]): string[] {
    const [number = '', ...cells] = row;
    const tests = [...(cells.at(-1) ?? '').matchAll(/`(test\/[^`]+)` \*([^*]+)\*/g)];
    const missing = tests.filter(([, file = '', name = '']) => {
      if (!existsSync(`${root}/${file}`)) return true;
      // As the test file writes it, whichever quotes it uses.
      return !readFileSync(`${root}/${file}`, 'utf8').replaceAll("\\'", "'").includes(name);
    });
    const empty = cells.filter((cell) => cell === '');
    const problems = missing.map(([, file, name]) => `${number} names ${file} ${name}`);
    if (row.length !== 6 || empty.length > 0 || tests.length === 0) problems.push(`${number} is not whole`);
    return problems;
  }

  test('has threat, control, default, place and tests in every row, and every test exists', () => {
    const rows = rowsOf(pageOf(page));
    expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 21 }, (_, i) => `T${i + 1}`));
    expect(rows.flatMap(wrongWith)).toEqual([]);
    const unknown = '`test/tidy.test.ts` *no such name at all*';
    expect(wrongWith(['T1', 'a', 'b', 'c', 'd', unknown])).toHaveLength(1);
    expect(wrongWith(['T1', 'a', 'b', '', 'd', 'none'])).toEqual(['T1 is not whole']);
  });
});
