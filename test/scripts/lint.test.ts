import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../support/tidy/sources.ts';

/** Rules that the linter, with our configuration, finds broken in these files. */
function brokenRules(files: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tongbu-lint-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as Record<string, unknown>;
  // The folder is no git repository, and the schema is not beside it.
  const { $schema: _schema, vcs: _vcs, ...rules } = config;
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(rules));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const line = [biome, 'lint', '--reporter=json', '--max-diagnostics=100', '.'];
  const { stdout } = spawnSync(process.execPath, line, { cwd: folder, encoding: 'utf8' });
  const report = JSON.parse(stdout) as { readonly diagnostics: readonly { readonly category: string }[] };
  return report.diagnostics.map(({ category }) => category.split('/').at(-1) ?? '');
}

test('a promise that nobody waits for is an error, also when it comes from another file', () => {
  const save = 'export async function save(): Promise<void> {}\n';
  const act = "import { save } from './save.ts';\n\nexport function act(): void {\n  save();\n}\n";
  expect(brokenRules({ 'save.ts': save, 'act.ts': act })).toEqual(['noFloatingPromises']);
  const waited = act
    .replace('function act(): void', 'async function act(): Promise<void>')
    .replace('  save', '  await save');
  expect(brokenRules({ 'save.ts': save, 'act.ts': waited })).toEqual([]);
});

test.each([
  ['noExplicitAny', 'export const x: any = 1;\n'],
  ['noDefaultExport', 'export default function act(): void {}\n'],
  ['noEnum', 'export enum Colour {\n  red = 1,\n}\n'],
  ['noConsole', "console.log('x');\n"],
  ['useNodejsImportProtocol', "import fs from 'fs';\n\nexport const x = fs;\n"],
  ['noNonNullAssertion', 'export const f = (x: string | undefined): string => x!;\n'],
  ['noMisusedPromises', '[1].forEach(async () => {\n  await Promise.resolve();\n});\n'],
])('%s is an error', (rule, text) => {
  expect(brokenRules({ 'fixture.ts': text })).toContain(rule);
});
