import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { entryOf, errorCodes, isErrorCode } from '../core/base/errors.ts';
import { displayWidth } from '../core/cli/display-width.ts';
import { banViolations } from './support/tidy/banned.ts';
import {
  deadFiles,
  identityViolations,
  isKeyFile,
  keyViolations,
  machinePathViolations,
} from './support/tidy/committed.ts';
import { placeholdersOf, throwsOf } from './support/tidy/faults.ts';
import { cycleIn, layerGraph, layers, layerViolations } from './support/tidy/layers.ts';
import { functionBodies, importsOf, withoutComments } from './support/tidy/scan.ts';
import { allFiles, allPaths, isProduct, isScript, root, type Source } from './support/tidy/sources.ts';

const files = allFiles();
const scripts = files.filter(({ path }) => isScript(path));
const product = files.filter(({ path }) => isProduct(path));

/** A file that does not exist, to show that a check fails when it should. */
function madeUp(path: string, text: string): Source {
  return { path, text };
}

describe('imports', () => {
  test('no file imports what its folder may not', () => {
    expect(scripts.flatMap(layerViolations)).toEqual([]);
  });

  test.each([
    ['core/log/x.ts', "import { Sender } from '../link/sender.ts';"],
    ['core/base/x.ts', "import type { Log } from '../log/log-store.ts';"],
    ['node/x.ts', "import { ledger } from '../hub/ledger.ts';"],
    ['hub/x.ts', "import { uplink } from '../node/uplink.ts';"],
    ['core/link/x.ts', "import { Server } from '@grpc/grpc-js';"],
    ['core/seal/x.ts', "import Database from 'better-sqlite3-multiple-ciphers';"],
    ['node/x.ts', "import { Command } from 'commander';"],
    ['core/site/x.ts', "const x = await import('@noble/curves/ed25519.js');"],
    ['core/base/x.ts', "import 'reflect-metadata';"],
    ['core/log/x.ts', "import { parse } from 'yaml';"],
    ['core/cli/x.ts', "import { connect } from '../wire/client.ts';"],
    ['core/records/x.ts', "export { log } from '../log/log-store.ts';"],
    ['hub/x.ts', "import { fixture } from '../test/support/fixture.ts';"],
    ['core/new/x.ts', "import { fault } from '../base/errors.ts';"],
    ['hub/x.ts', "import {\n  a,\n  b,\n} from '../node/uplink.ts';"],
  ])('a forbidden import in %s is found: %s', (path, text) => {
    expect(layerViolations(madeUp(path, text))).toHaveLength(1);
  });

  test.each([
    [
      'core/log/x.ts',
      "import { Store } from '../store/store.ts';\nimport { createHash } from 'node:crypto';",
    ],
    ['core/cli/x.ts', "import type { Client } from '../wire/client.ts';"],
    ['hub/x.ts', "// import { uplink } from '../node/uplink.ts';"],
    ['test/x.ts', "import { uplink } from '../node/uplink.ts';"],
  ])('an allowed import in %s is no violation: %s', (path, text) => {
    expect(layerViolations(madeUp(path, text))).toEqual([]);
  });

  test('folders do not import each other in a circle', () => {
    const { 'core/site': _site, ...below } = layers;
    expect(cycleIn({ ...below, node: [], hub: [] })).toBeUndefined();
    expect(cycleIn(layerGraph(product))).toBeUndefined();
    expect(cycleIn({ a: ['b'], b: ['c'], c: ['a'] })).toEqual(['a', 'b', 'c', 'a']);
  });

  test('every import of ours ends in .ts, .mjs or .json', () => {
    const bare = scripts.flatMap(({ path, text }) =>
      importsOf(text)
        .filter(({ specifier }) => specifier.startsWith('.') && !/\.(ts|mjs|json)$/.test(specifier))
        .map(({ specifier }) => `${path}: ${specifier}`),
    );
    expect(bare).toEqual([]);
  });
});

describe('calls', () => {
  test('no product file makes a banned call', () => {
    expect(product.flatMap(banViolations)).toEqual([]);
  });

  test.each([
    'const now = Date.now();',
    'const now = new Date();',
    'const x = Math.random();',
    'setTimeout(() => {}, 5);',
    "console.log('x');",
    'process.exit(1);',
    'credentials.createInsecure();',
    'db.serialize();',
    "db.backup('x');",
    'new Database(file, { verbose: print });',
    "db.exec('ATTACH x AS y');",
    "generateKeyPairSync('ec', { namedCurve: 'SM2' });",
    'const name = person.name.reveal();',
    'enum Colour { red }',
    'export default 1;',
  ])('a banned call is found: %s', (text) => {
    expect(banViolations(madeUp('core/link/x.ts', text))).not.toEqual([]);
  });

  test('what a comment says is no call', () => {
    expect(banViolations(madeUp('core/link/x.ts', '// Date.now\n/* console.log */ const a = 1;'))).toEqual(
      [],
    );
  });
});

describe('sizes', () => {
  test('no file is longer than 400 lines, no test longer than 600', () => {
    const long = [...scripts, ...files.filter(({ path }) => path.endsWith('.proto'))].filter(
      ({ path, text }) => text.split('\n').length - 1 > (path.startsWith('test/') ? 600 : 400),
    );
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('no line is wider than 110 columns, unless it is one text that cannot be broken', () => {
    const wide = scripts.flatMap(({ path, text }) =>
      text
        .split('\n')
        .map((line, i) => ({ line, place: `${path}:${i + 1}` }))
        .filter(({ line }) => displayWidth(line) > 110 && !isUnbreakable(line))
        .map(({ place }) => place),
    );
    expect(wide).toEqual([]);
  });

  test('no function is longer than 70 lines', () => {
    const long = [...product, ...scripts.filter(({ path }) => /^(bin|scripts)\//.test(path))].flatMap(
      ({ path, text }) =>
        functionBodies(text)
          .filter(({ lines }) => lines > 70)
          .map(({ line, lines }) => `${path}:${line} (${lines} lines)`),
    );
    expect(long).toEqual([]);
  });

  test('a long function is found, past strings, templates and regular expressions with braces', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a template is what is scanned
    const body = "  call('{', `}${'}'}`, /[}]\\/{/);\n".repeat(71);
    expect(functionBodies(`function act(): void {\n${body}}\n`)).toEqual([{ line: 1, lines: 73 }]);
    expect(withoutComments("a / b; // c\n'//d' /* e */")).toBe("a / b;     \n'//d'        ");
  });
});

describe('what is committed', () => {
  test('no file names a path of one machine', () => {
    expect(files.flatMap(machinePathViolations)).toEqual([]);
    expect(machinePathViolations(madeUp('x.md', ['see /ho', 'me/li/notes'].join('')))).toHaveLength(1);
  });

  test('no private key is in the tree', () => {
    expect(allPaths().filter(isKeyFile)).toEqual([]);
    expect(files.flatMap(keyViolations)).toEqual([]);
    const key = ['-----BEGIN PRIVATE', ' KEY-----\n', 'A'.repeat(64)].join('');
    expect(keyViolations(madeUp('x.txt', key))).toHaveLength(1);
  });

  test('no identity number in the tree could be that of a living person', () => {
    expect(files.flatMap(identityViolations)).toEqual([]);
    const number = ['110101', '19900307', '7715'].join('');
    const fixture = '990101199001010019';
    expect(identityViolations(madeUp('x.csv', `${number} ${fixture}`))).toHaveLength(1);
    expect(identityViolations(madeUp('x.csv', fixture))).toEqual([]);
  });

  test('the lock file names no host, so that it works with every registry', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
    const named = Object.entries(lock.packages).filter(
      ([, entry]) => entry.resolved !== undefined || entry.version?.includes('://'),
    );
    expect(named.map(([path]) => path)).toEqual([]);
  });

  test('the lock file holds no library with predictable keys', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
    const forbidden = /node_modules\/(gm-crypto|sm-crypto|keytar|grpc|sqlite3)$/;
    expect(Object.keys(lock.packages).filter((path) => forbidden.test(path))).toEqual([]);
  });

  test('no product file is dead', () => {
    expect(deadFiles(files)).toEqual([]);
  });
});

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly version?: string }>>;
}

describe('errors', () => {
  const throws = [...product, ...scripts.filter(({ path }) => path.startsWith('bin/'))].flatMap(throwsOf);

  test('every code of the catalogue is used somewhere', () => {
    const used = files.filter(({ path }) => /^(core|certs|node|hub|bin|scripts)\//.test(path));
    const text = used.filter(({ path }) => !path.startsWith('core/base/catalogue/')).map((file) => file.text);
    const joined = text.join('\n');
    expect(errorCodes().filter((code) => !joined.includes(code))).toEqual([]);
  });

  test('every code that is thrown is in the catalogue', () => {
    expect(throws.filter(({ code }) => !isErrorCode(code))).toEqual([]);
  });

  test.each(errorCodes())(
    '%s has a sentence and a next act in both languages, about the same things',
    (code) => {
      const { en, zh, hintEn, hintZh } = entryOf(code);
      for (const text of [en, hintEn]) expect(text).toMatch(/^[^\u4e00-\u9fff]{10,}$/);
      for (const text of [zh, hintZh]) expect(text).toMatch(/[\u4e00-\u9fff]/);
      const wanted = [...placeholdersOf(zh, hintZh)].map((name) => name.replace(/Zh$/, ''));
      expect(new Set(wanted)).toEqual(placeholdersOf(en, hintEn));
    },
  );

  test('every text gets the parameters that it names', () => {
    const unfilled = throws.flatMap(({ path, code, given }) => {
      if (!given || !isErrorCode(code)) return [];
      const { en, zh, hintEn, hintZh } = entryOf(code);
      const missing = [...placeholdersOf(en, zh, hintEn, hintZh)].filter((name) => !given.has(name));
      return missing.length > 0 ? [`${path} throws ${code} without ${missing.join(', ')}`] : [];
    });
    expect(unfilled).toEqual([]);
  });

  test('a parameter that is not given is found', () => {
    const [thrown] = throwsOf(madeUp('core/x.ts', "throw fault('TB1015', { option, min: f(1, 2) }, cause);"));
    expect(thrown?.given).toEqual(new Set(['option', 'min']));
    expect(throwsOf(madeUp('core/x.ts', "fault('TB1015')"))[0]?.given).toEqual(new Set());
  });
});

describe('the contract', () => {
  test('uncommented messages, fields and calls stay errors', () => {
    const config = readFileSync(join(root, 'buf.yaml'), 'utf8');
    expect(config).toMatch(/^ {4}- COMMENTS$/m);
    expect(config).not.toMatch(/COMMENT_/);
  });
});

/** Mostly one text, regular expression or address: no formatter can break it. */
function isUnbreakable(line: string): boolean {
  const literals =
    line.match(/'(?:[^'\\]|\\.)*'|"[^"]*"|`(?:[^`\\]|\\.)*`|\/\S{60,}\/[gimsuvy]*|https?:\/\/\S+/g) ?? [];
  return literals.some((literal) => displayWidth(literal) > 60);
}
