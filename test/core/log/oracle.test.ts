import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeBundle } from '../../../core/log/bundle.ts';
import { signCheckpoint } from '../../../core/log/checkpoint.ts';
import { cosign } from '../../../core/log/cosignature.ts';
import { cosigner, ed25519Signer, parseVkey, printVkey } from '../../../core/log/keys.ts';
import { appendSignature, parseNote, verifyNote } from '../../../core/log/note.ts';
import { consistencyPath, inclusionPath, rootAt } from '../../../core/log/proof.ts';
import { exportTiles } from '../../../core/log/tile.ts';
import { edgeOf, nodesOf, someEntries } from './support.ts';

/** Where Debian puts Go libraries. */
const gopath = '/usr/share/gocode';

interface Answer {
  readonly Size: number;
  readonly Inclusion: readonly (readonly string[])[];
  readonly Consistency: readonly (readonly string[])[];
  readonly Vkey: string;
  readonly Note: string;
}

/** Sizes around every kind of boundary, and the whole. */
const sizes = [1, 2, 3, 255, 256, 257, 65_535, 65_536, 65_537, 69_999, 70_000];

test('Go accepts a log of 70,000 entries as we write it, and makes the same proofs', {
  timeout: 240_000,
}, async (context) => {
  if (spawnSync('go', ['version']).status !== 0) context.skip('no go; apt-get install golang-go');
  if (!existsSync(join(gopath, 'src/golang.org/x/mod/sumdb'))) context.skip('no golang-golang-x-mod-dev');
  const folder = mkdtempSync(join(tmpdir(), 'tongbu-oracle-'));
  try {
    await judge(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function judge(folder: string): Promise<void> {
  const logFolder = join(folder, 'log');
  const entries = someEntries(70_000);
  const nodes = nodesOf(entries);
  const signer = ed25519Signer('tongbu.example/430121/enrollment', randomBytes(32));
  const mirror = cosigner('tongbu.example/mirror/430000', randomBytes(32), 'mirror');
  const own = signCheckpoint(
    { origin: signer.name, size: entries.length, root: edgeOf(entries).root() },
    signer,
  );
  const checkpoint = appendSignature(own, cosign(own, mirror, 1_790_000_000_000));
  const write = (path: string, bytes: Uint8Array) => {
    mkdirSync(dirname(join(logFolder, path)), { recursive: true });
    writeFileSync(join(logFolder, path), bytes);
  };
  const bundle = (index: number, width: number) =>
    encodeBundle(entries.slice(256 * index, 256 * index + width));
  await exportTiles({ checkpoint, bundle }, write);

  const inclusion = sizes.flatMap((size) =>
    [0, Math.floor(size / 2), size - 1].map((index) => [index, size] as const),
  );
  const consistency = sizes.flatMap((size2) =>
    sizes.filter((size1) => size1 <= size2).map((size1) => [size1, size2] as const),
  );
  const base64 = (path: readonly Buffer[]) => path.map((hash) => hash.toString('base64'));
  const inclusionPaths = inclusion.map(([index, size]) => base64(inclusionPath(index, size, nodes)));
  const consistencyPaths = consistency.map(([size1, size2]) => base64(consistencyPath(size1, size2, nodes)));
  const claims = {
    LogVkey: printVkey(signer.verifier),
    MirrorName: mirror.name,
    MirrorKey: mirror.verifier.publicKey.toString('base64'),
    MirrorID: Number.parseInt(mirror.verifier.keyId, 16),
    Roots: sizes.map((Size) => ({ Size, Root: rootAt(Size, nodes).toString('base64') })),
    Inclusion: inclusion.map(([Index, Size], i) => ({ Index, Size, Path: inclusionPaths[i] })),
    Consistency: consistency.map(([Size1, Size2], i) => ({ Size1, Size2, Path: consistencyPaths[i] })),
    WantInclusion: inclusion,
    WantConsistency: consistency,
    Text: 'signed by Go\n\nwith an empty line\n',
    Name: 'go.example/oracle',
  };
  write('claims.json', Buffer.from(JSON.stringify(claims)));

  const program = join(import.meta.dirname, 'oracle/main.go');
  const env = {
    ...process.env,
    GOPATH: gopath,
    GO111MODULE: 'off',
    GOCACHE: join(folder, 'cache'),
    GOFLAGS: '',
  };
  const answer = JSON.parse(
    execFileSync('go', ['run', program, logFolder], { env, encoding: 'utf8' }),
  ) as Answer;

  expect(answer.Size).toBe(70_000);
  expect(answer.Inclusion.map((path) => path ?? [])).toEqual(inclusionPaths);
  expect(answer.Consistency.map((path) => path ?? [])).toEqual(consistencyPaths);
  const note = parseNote(Buffer.from(answer.Note, 'base64'));
  expect(note.text.toString()).toBe(claims.Text);
  expect(verifyNote(note, [parseVkey(answer.Vkey)])).toHaveLength(1);
}
