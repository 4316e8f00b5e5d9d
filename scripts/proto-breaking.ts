import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runOpenly } from './checks.ts';

// Compares proto/ with the last release: sites of different versions must go on understanding each other.
const root = join(import.meta.dirname, '..');
const { status, stdout } = spawnSync('git', ['describe', '--tags', '--abbrev=0', '--match', 'v*'], {
  cwd: root,
  encoding: 'utf8',
});
const release = stdout.trim();

if (status !== 0 || release === '') {
  console.error('There is no release yet (no tag v*), so there is nothing to compare the contract with.');
} else {
  const unbroken = await runOpenly({
    name: 'breaking changes',
    script: 'node_modules/@bufbuild/buf/bin/buf',
    arguments: ['breaking', '--against', `.git#tag=${release}`],
  });
  console.error(unbroken ? `Nothing in proto/ breaks ${release}.` : `proto/ breaks ${release}; see above.`);
  process.exitCode = unbroken ? 0 : 1;
}
