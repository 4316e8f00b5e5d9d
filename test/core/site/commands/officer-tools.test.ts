import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands, welcome } from '../../../../bin/commands.ts';
import { runProgram } from '../../../../core/cli/program.ts';
import { newAgeIdentity } from '../../../../core/seal/age-identity.ts';
import { sealFiles } from '../../../../core/seal/seal-files.ts';
import { printShareFile } from '../../../../core/seal/share-file.ts';
import { manifestHash } from '../../../../core/seal/share-set.ts';
import { printShareText } from '../../../../core/seal/share-text.ts';
import { createCliWorld } from '../../../support/cli-world.ts';
import { RunningCommand } from '../../../support/command.ts';
import { TemporaryFolder } from '../../../support/temporary-folder.ts';
import { type Site, sealedSite } from '../../seal/setting.ts';

const folder = new TemporaryFolder();
const spec = { name: 'tongbu', version: '0', text: { en: 'x', zh: 'x' }, commands, welcome };
/** Protects nothing. */
const passphrase = 'harbour lamp violin cedar orbit mist';
let site: Site;
let other: Site;

interface Outcome {
  readonly exit: number;
  readonly out: string;
  readonly document: Record<string, never> & { readonly error?: { readonly code: string } };
}

async function run(
  args: readonly string[],
  options: { input?: string; text?: boolean } = {},
): Promise<Outcome> {
  const world = createCliWorld({ json: !options.text, environment: { TONGBU_LANG: 'en' } });
  world.type(options.input ?? '');
  world.endInput();
  const exit = await runProgram(spec, options.text ? args : [...args, '--json'], world.context);
  return { exit, out: world.out(), document: options.text ? {} : JSON.parse(world.out()) };
}

async function refused(args: readonly string[], input = ''): Promise<string | undefined> {
  return (await run(args, { input })).document.error?.code;
}

/** chen's share of a site, to chen's key; and the manifest of that site. */
async function handOver(made: Site, name: string): Promise<void> {
  const { identity, recipient } = await newAgeIdentity();
  const [share] = made.shares;
  if (!share) throw new RangeError('three holders');
  writeFileSync(folder.file(`${name}.share.age`), await printShareFile(share, { recipients: [recipient] }));
  writeFileSync(folder.file(`${name}.age`), `${identity}\n`, { mode: 0o600 });
  writeFileSync(folder.file(`${name}.manifest`), made.seal.manifest() ?? '');
}

beforeAll(async () => {
  site = await sealedSite();
  other = await sealedSite();
  await handOver(site, 'chen');
  await handOver(other, 'other');
});
afterAll(() => folder.remove());

const own = ['--share', folder.file('chen.share.age'), '--identity', folder.file('chen.age')];

// scrypt at its full work factor takes a second, and many on a busy machine.
describe('key', { timeout: 120_000 }, () => {
  test('makes an identity that its owner alone can read, and prints only what everybody may know', async () => {
    const path = folder.file('new.age');
    const { exit, out } = await run(['seal', 'key', '--out', path]);
    const file = readFileSync(path, 'utf8');
    expect(exit).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(file).toMatch(/^AGE-SECRET-KEY-1/m);
    expect(out).not.toContain('AGE-SECRET-KEY');
    const { recipient } = JSON.parse(out) as { recipient: string };
    expect(execFileSync('age-keygen', ['-y', path], { encoding: 'utf8' }).trim()).toBe(recipient);
    expect(await refused(['seal', 'key', '--out', path])).toBe('TB1255');
    expect(readFileSync(path, 'utf8')).toBe(file);
  });

  test('locked by a passphrase opens shares with it, and with no other', async () => {
    const path = folder.file('locked.age');
    const { document } = await run(['seal', 'key', '--out', path, '--with-passphrase'], {
      input: `${passphrase}\n`,
    });
    const [share] = site.shares;
    const lock = { recipients: [String(document['recipient'])] };
    writeFileSync(folder.file('locked.share.age'), share ? await printShareFile(share, lock) : '');
    const drill = ['seal', 'drill', '--share', folder.file('locked.share.age'), '--identity', path];
    const args = [...drill, '--manifest', folder.file('chen.manifest')];
    expect(readFileSync(path, 'utf8')).not.toContain('AGE-SECRET-KEY');
    expect((await run(args, { input: `${passphrase}\n` })).document).toMatchObject({ fits: true });
    expect(await refused(args, 'another passphrase than that\n')).toBe('TB1264');
    expect(await refused(['seal', 'key', '--out', folder.file('x'), '--with-passphrase'], 'short\n')).toBe(
      'TB1229',
    );
    expect(existsSync(folder.file('x'))).toBe(false);
  });
});

describe('drill', () => {
  test('off line tells that the share is good, and of which set', async () => {
    const { exit, document } = await run([
      'seal',
      'drill',
      ...own,
      '--manifest',
      folder.file('chen.manifest'),
    ]);
    expect(exit).toBe(0);
    const manifest = manifestHash(site.seal.manifest() ?? Buffer.alloc(0));
    expect(document).toMatchObject({ fits: true, officer: 'chen', site: '430121', epoch: 1, holder: 1 });
    expect(document).toMatchObject({ set: site.shares[0]?.setId, manifest, recorded: false });
  });

  test('names a share of another set, a manifest that was altered, and a missing one', async () => {
    expect(await refused(['seal', 'drill', ...own, '--manifest', folder.file('other.manifest')])).toBe(
      'TB1211',
    );
    const altered = readFileSync(folder.file('chen.manifest'), 'utf8').replace('threshold 2', 'threshold 3');
    writeFileSync(folder.file('altered'), altered);
    expect(await refused(['seal', 'drill', ...own, '--manifest', folder.file('altered')])).toBe('TB1258');
    expect(await refused(['seal', 'drill', ...own])).toBe('TB1620');
  });

  test('names a share that does not fit the commitments', async () => {
    const [first, second] = site.shares;
    if (!first || !second) throw new RangeError('three holders');
    const { identity, recipient } = await newAgeIdentity();
    const altered = { ...first, value: second.value };
    writeFileSync(folder.file('bad.share.age'), await printShareFile(altered, { recipients: [recipient] }));
    writeFileSync(folder.file('bad.age'), identity, { mode: 0o600 });
    const share = ['--share', folder.file('bad.share.age'), '--identity', folder.file('bad.age')];
    expect(await refused(['seal', 'drill', ...share, '--manifest', folder.file('chen.manifest')])).toBe(
      'TB1213',
    );
  });
});

describe('print-share', () => {
  test('writes a page for its owner alone, from which the share can be typed', async () => {
    const out = folder.file('page.txt');
    const { exit, out: shown } = await run(['seal', 'print-share', ...own, '--out', out]);
    const [share] = site.shares;
    const text = share ? printShareText(share) : '';
    expect(exit).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const page = readFileSync(out, 'utf8');
    expect(page.replaceAll(/\s/g, '').toLowerCase()).toContain(text);
    expect(page).toMatch(/Needed\s+2 of 3/);
    expect(shown.replaceAll(/\s/g, '').toLowerCase()).not.toContain(text.slice(0, 30));
    expect(await refused(['seal', 'print-share', ...own, '--out', out])).toBe('TB1255');
  });

  test('shows nothing on a screen unless that is said, and never in a document', async () => {
    const quiet = await run(['seal', 'print-share', ...own], { text: true });
    expect([quiet.exit, quiet.out]).toEqual([2, '']);
    expect(await refused(['seal', 'print-share', ...own, '--yes'])).toBe('TB1261');
    const said = await run(['seal', 'print-share', ...own, '--yes'], { text: true });
    expect([said.exit, said.out]).toEqual([0, expect.stringContaining('TBS1')]);
  });
});

describe('journal', () => {
  const manifest = ['--manifest', folder.file('chen.manifest')];

  function journalWith(change: (lines: string[]) => string[]): string[] {
    const lines = readFileSync(sealFiles(site.folder).journal, 'latin1').split('\n').slice(0, -1);
    writeFileSync(folder.file('journal'), `${change(lines).join('\n')}\n`);
    return ['seal', 'journal', '--file', folder.file('journal'), ...manifest];
  }

  test('off line is listed after chain and signatures were checked', async () => {
    const { exit, document } = await run(journalWith((lines) => lines));
    expect(exit).toBe(0);
    expect(document).toMatchObject({ whole: true, head: site.seal.status().journalHead });
    const steps = (document['records'] as unknown as { step: string }[]).map(({ step }) => step);
    expect(steps).toEqual(expect.arrayContaining(['dealt', 'confirmed', 'activated']));
  });

  test.each([
    ['a record that is missing', (lines: string[]) => lines.toSpliced(1, 1), 'chain'],
    [
      'a name that was changed',
      (lines: string[]) => lines.map((line) => line.replace('chen', 'wang')),
      'signature',
    ],
    [
      'the last record changed',
      (lines: string[]) => lines.with(-1, lines.at(-1)?.replace('epoch-1', 'epoch-2') ?? ''),
      'signature',
    ],
    ['a line that is none', (lines: string[]) => [...lines, 'x'], 'form'],
  ])('%s is found', async (_name, change, reason) => {
    const { document } = await run(journalWith(change));
    expect(document.error).toMatchObject({
      code: 'TB1262',
      parameters: expect.objectContaining({ reason: expect.stringContaining(reason) }),
    });
  });

  test('of another site does not pass with this manifest', async () => {
    const path = sealFiles(other.folder).journal;
    expect(await refused(['seal', 'journal', '--file', path, ...manifest])).toBe('TB1262');
    expect(await refused(['seal', 'journal', '--file', path])).toBe('TB1620');
  });
});

describe('the key store of the computer', { timeout: 120_000 }, () => {
  test('that is not there is named, and the share goes nowhere else', async () => {
    const nowhere = {
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder.file('no-bus')}`,
      XDG_RUNTIME_DIR: folder.path,
    };
    const command = new RunningCommand(['seal', 'keep', ...own, '--json'], nowhere);
    const { status, stdout } = await command.outcome();
    expect([status, JSON.parse(stdout)]).toEqual([
      1,
      { version: 1, error: expect.objectContaining({ code: 'TB1231' }) },
    ]);
    // Unpinned, the library would have put it into the kernel's keyring, which a reboot empties.
    const keys = existsSync('/proc/keys') ? readFileSync('/proc/keys', 'latin1') : '';
    expect(keys).not.toContain('tongbu');
    const forgotten = new RunningCommand(
      ['seal', 'forget', '--site', '430121', '--officer', 'chen', '--json'],
      nowhere,
    );
    expect((await forgotten.outcome()).stdout).toContain('TB1231');
  });
});
