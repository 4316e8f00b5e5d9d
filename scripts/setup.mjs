// Sets the repository up, and runs a script of it: the only file that must work on an older Node (18).
//
//   node scripts/setup.mjs                   install what is missing or out of date
//   node scripts/setup.mjs --run FILE [...]  the same, then FILE with the pinned Node
//
// Why --run instead of `setup && node FILE`: the shell remembers where it found `node` before the set-up
// put the pinned one in front of it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const bin = join(modules, '.bin');
const stampFile = join(modules, '.tongbu-setup');
const windows = process.platform === 'win32';
const pinnedNode = windows ? join(modules, 'node', 'bin', 'node.exe') : join(bin, 'node');

main(process.argv.slice(2));

function main(args) {
  if (!isStamped()) setUp();
  const [option, file, ...rest] = args;
  if (option === '--run' && file) run(file, rest);
  else if (option !== undefined) fail(2, 'Usage: node scripts/setup.mjs [--run FILE [arguments]]');
}

/** What an installation depends on; the stamp holds it once everything below has been checked. */
function wantedStamp() {
  const hash = createHash('sha256');
  hash.update(`1\n${process.platform} ${process.arch}\n${root}\n`);
  hash.update(readFileSync(join(root, 'package-lock.json')));
  return `${hash.digest('hex')}\n`;
}

function isStamped() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wantedStamp() && existsSync(pinnedNode);
}

function setUp() {
  if (!isInstalled()) {
    say('Installing dependencies (once; nothing is downloaded at run time) …');
    // No install script runs but the one of the package `node`: the SQLite driver brings its binary along,
    // and an old npm would try to compile it. Not `npm ci`: it refuses a lock file that lacks the optional
    // packages of some other platform, which a registry inside a network need not have. What `ci` promises
    // beyond that, the versions and digests of the lock file, is compared below.
    npm(['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
    if (!isInstalled()) {
      fail(
        1,
        'package.json and package-lock.json do not agree. Run `npm install` and look at the difference.',
      );
    }
  }
  if (!hasPinnedNode()) {
    say('Fetching the pinned Node …');
    npm(['rebuild', 'node', '--ignore-scripts=false', '--no-audit', '--no-fund', '--loglevel=error']);
    if (!hasPinnedNode()) fetchNodeByHand();
  }
  if (!hasPinnedNode()) {
    fail(1, `The pinned Node ${wantedNode()} is not in node_modules. Remove node_modules and try again.`);
  }
  linkOwnCommand();
  writeFileSync(stampFile, wantedStamp());
}

/** npm's own record of what it installed, against the lock file; optional packages may be absent. */
function isInstalled() {
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  const found = readJson(record).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    if (!found[path]) return entry.optional === true || entry.peer === true;
    return found[path].version === entry.version && found[path].integrity === entry.integrity;
  });
}

function wantedNode() {
  return readJson(join(root, 'package-lock.json')).packages['node_modules/node'].version;
}

function hasPinnedNode() {
  if (!existsSync(pinnedNode)) return false;
  const { status, stdout } = spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' });
  return status === 0 && stdout.trim() === `v${wantedNode()}`;
}

/** An npm that is told to run no scripts at all still lets us run this one ourselves. */
function fetchNodeByHand() {
  const folder = join(modules, 'node');
  if (!existsSync(join(folder, 'installArchSpecificPackage.js'))) return;
  const options = { cwd: folder, stdio: ['ignore', 2, 2], env: npmEnvironment() };
  spawnSync(process.execPath, ['installArchSpecificPackage.js'], options);
}

/** `npx tongbu` looks here first, and would otherwise ask a registry for a package of that name. */
function linkOwnCommand() {
  const program = join(root, 'bin', 'tongbu');
  if (!existsSync(program)) return;
  if (windows) {
    writeFileSync(join(bin, 'tongbu.cmd'), `@"${pinnedNode}" "${program}" %*\r\n`);
    return;
  }
  const link = join(bin, 'tongbu');
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  symlinkSync(join('..', '..', 'bin', 'tongbu'), link);
  chmodSync(program, 0o755);
}

function npm(args) {
  // Inside `npm run` these name the npm and the Node that were called: the same ones go on.
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  const ownNode = node && existsSync(node) && !node.startsWith(modules) ? node : undefined;
  const [command, first] =
    ownNode && script && /\.c?js$/.test(script) && existsSync(script)
      ? [ownNode, [script]]
      : [windows ? 'npm.cmd' : 'npm', []];
  const options = { cwd: root, stdio: ['ignore', 2, 2], env: npmEnvironment(), shell: windows };
  const { status, error } = spawnSync(command, [...first, ...args], options);
  if (error && error.code === 'ENOENT') fail(1, 'npm was not found. Install Node with npm (18 or newer).');
  if (status === 0) return;
  fail(
    1,
    `npm ${args[0]} did not succeed; its message is above.`,
    'Without a network: copy node_modules from a machine of the same kind where it did succeed,',
    'or point npm at a mirror inside your network: npm config set registry http://…',
    `npm ${args[0]} 未成功，原因见上。无网络时：可从同类机器复制 node_modules，或把 npm 指向内网镜像。`,
  );
}

/** Without node_modules/.bin: npm must not run on the Node that it is about to replace. */
function npmEnvironment() {
  const path = (process.env.PATH || '').split(delimiter).filter((part) => part !== bin);
  const environment = { ...process.env, PATH: path.join(delimiter) };
  // `npm run --ignore-scripts` and the like reach us through these.
  for (const name of Object.keys(environment)) {
    if (/^npm_config_(ignore_scripts|global|prefix|omit|dry_run)$/i.test(name)) delete environment[name];
  }
  return environment;
}

function run(file, args) {
  const path = [bin, process.env.PATH || ''].join(delimiter);
  const script = resolve(root, file);
  const child = spawn(pinnedNode, [script, ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  child.on('error', (error) => fail(1, `${pinnedNode}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code === null ? 128 + constants.signals[signal] : code;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to every process of the group, the child included.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(code, ...lines) {
  for (const line of lines) say(line);
  process.exit(code);
}
