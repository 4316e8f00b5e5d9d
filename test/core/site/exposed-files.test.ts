import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exposedPaths, refuseExposedPaths } from '../../../core/site/exposed-files.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';

const windows = process.platform === 'win32';
const isRoot = process.geteuid?.() === 0;

describe.skipIf(windows)('files of a site that are open to others', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
    file('tongbu.yaml', 0o644);
    file('run.json', 0o644);
    file('hub.db', 0o600);
    file('seal/seal.state', 0o600);
    file('seal/journal.key', 0o600);
    file('tls/gate/key.pem', 0o600);
    file('tls/gate/cert.pem', 0o644);
    file('people/officer-zhao/key.pem', 0o600);
    file('people/officer-zhao/cert.pem', 0o644);
    file('logs/serve.log', 0o640);
  });
  afterEach(() => folder.remove());

  function file(path: string, mode: number): string {
    const whole = join(folder.path, path);
    mkdirSync(dirname(whole), { recursive: true, mode: 0o700 });
    writeFileSync(whole, 'x');
    chmodSync(whole, mode);
    return whole;
  }

  const found = () => exposedPaths(folder.path).map(({ path, exposure }) => `${path} ${exposure}`);

  it('are none in a folder as `init` makes it, certificates and configuration readable by all', () => {
    expect(found()).toEqual([]);
    expect(() => refuseExposedPaths(folder.path)).not.toThrow();
  });

  it.each([
    'seal/seal.state',
    'seal/journal.key',
    'seal/anything',
    'tls/gate/key.pem',
    'tls/data/next-key.pem',
    'people/officer-zhao/key.pem',
    'people/officer-zhao/zhao.p12',
    'hub.db',
    'hub.db-wal',
    'ledger/430121.db',
    'records/430121.db',
    'authority/root.key.age',
    'shares/zhao.share.age',
    'token.txt',
  ])('are found when the group or the world may read %s', (path) => {
    for (const mode of [0o640, 0o604, 0o644, 0o444]) {
      file(path, mode);
      expect(found()).toEqual([`${path} readable`]);
    }
    file(path, 0o400);
    expect(found()).toEqual([]);
  });

  it('are found when others may change them, whatever they hold', () => {
    file('tongbu.yaml', 0o664);
    file('tls/gate/cert.pem', 0o646);
    file('logs/serve.log', 0o622);
    expect(found()).toEqual([
      'logs/serve.log writable',
      'tls/gate/cert.pem writable',
      'tongbu.yaml writable',
    ]);
  });

  it('are found when others may enter a folder with secrets, the data folder included', () => {
    for (const path of ['', 'seal', 'tls', 'tls/gate', 'people', 'people/officer-zhao']) {
      chmodSync(join(folder.path, path), 0o710);
      expect(found()).toEqual([`${path || '.'} readable`]);
      chmodSync(join(folder.path, path), 0o700);
    }
    chmodSync(join(folder.path, 'logs'), 0o755);
    expect(found()).toEqual([]);
    chmodSync(join(folder.path, 'logs'), 0o777);
    expect(found()).toEqual(['logs writable']);
  });

  it('are found when they are links, which lead to where nothing was looked at', () => {
    const outside = new TemporaryFolder();
    symlinkSync(outside.path, join(folder.path, 'ledger'));
    symlinkSync('nowhere', join(folder.path, 'people', 'gone'));
    expect(found()).toEqual(['ledger link', 'people/gone link']);
    outside.remove();
  });

  it.skipIf(!isRoot)('are found when they belong to another user (skipped unless run as root)', () => {
    chownSync(join(folder.path, 'hub.db'), 65_534, 65_534);
    chownSync(join(folder.path, 'people'), 65_534, 65_534);
    expect(found()).toEqual(['hub.db foreign-owner', 'people foreign-owner']);
  });

  it('are told all at once, with the command that closes them, and never with what is in them', () => {
    file('hub.db', 0o644);
    file('tls/gate/key.pem', 0o640);
    expect(() => refuseExposedPaths(folder.path)).toThrow(
      /^TB1930 2 files .*hub\.db \(0644, readable\), tls\/gate\/key\.pem \(0640, readable\)\.$/,
    );
    for (let i = 0; i < 30; i += 1) file(`ledger/4301${10 + i}.db`, 0o666);
    expect(() => refuseExposedPaths(folder.path)).toThrow(/^TB1930 32 files .*, …\.$/);
  });
});
