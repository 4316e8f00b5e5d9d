import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import {
  openCheckpoint,
  parseCheckpoint,
  printCheckpoint,
  signCheckpoint,
} from '../../../core/log/checkpoint.ts';
import { cosigner, ed25519Signer, parseVkey } from '../../../core/log/keys.ts';
import { emptyRoot } from '../../../core/log/leaf.ts';
import { appendSignature, printSignature, signNote } from '../../../core/log/note.ts';
import { codeOf, edgeOf, signedLogVectors } from './support.ts';

const vectors = signedLogVectors();
const origin = 'tongbu.example/430121/enrollment';
const root = Buffer.alloc(32, 9);

test('the fixed log has the published checkpoint, byte for byte', () => {
  const signer = ed25519Signer(origin, Buffer.alloc(32, vectors.logKeySeedByte));
  const edge = edgeOf(vectors.entries.map((entry) => Buffer.from(entry)));
  const note = signCheckpoint({ origin, size: 3, root: edge.root() }, signer);
  expect(vectors.note.startsWith(note.toString())).toBe(true);
  const opened = openCheckpoint(Buffer.from(vectors.note), parseVkey(vectors.logVkey));
  expect([opened.origin, opened.size, opened.root]).toEqual([origin, 3, edge.root()]);
  expect(opened.note.bytes.toString()).toBe(vectors.note);
});

test('a checkpoint is read back as it was printed', () => {
  const anySize = fc.oneof(fc.nat(), fc.maxSafeNat()).filter((size) => size > 0);
  fc.assert(
    fc.property(anySize, fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, hash) => {
      const checkpoint = { origin, size, root: Buffer.from(hash) };
      expect(parseCheckpoint(printCheckpoint(checkpoint))).toEqual(checkpoint);
    }),
  );
});

test('a checkpoint with any other spelling is refused', () => {
  const hash = root.toString('base64');
  for (const text of [
    '',
    `${origin}\n3\n${hash}`,
    `${origin}\n3\n${hash}\nextension\n`,
    `${origin}\n3\n${hash}\n\n`,
    `\n3\n${hash}\n`,
    `two words\n3\n${hash}\n`,
    `${origin}\n\n${hash}\n`,
    ...['03', '+3', '-3', '3.0', '3e1', '0x3', ' 3', '３', '9007199254740992', '99999999999999999'].map(
      (size) => `${origin}\n${size}\n${hash}\n`,
    ),
    `${origin}\n3\n\n`,
    `${origin}\n3\n${hash.slice(0, -1)}\n`,
    `${origin}\n3\n${Buffer.alloc(31).toString('base64')}\n`,
    `${origin}\n3\n${Buffer.alloc(33).toString('base64')}\n`,
    `${origin}\n3\n${root.toString('hex')}\n`,
  ]) {
    expect(
      codeOf(() => parseCheckpoint(Buffer.from(text))),
      JSON.stringify(text),
    ).toBe('TB1408');
  }
});

test('size 0 goes with the empty root alone', () => {
  expect(parseCheckpoint(printCheckpoint({ origin, size: 0, root: emptyRoot })).size).toBe(0);
  expect(codeOf(() => parseCheckpoint(printCheckpoint({ origin, size: 0, root })))).toBe('TB1408');
});

test('a checkpoint is opened by a key of its own log alone', () => {
  const signer = ed25519Signer(origin, randomBytes(32));
  const note = signCheckpoint({ origin, size: 3, root }, signer);
  const sameName = ed25519Signer(origin, randomBytes(32));
  const otherLog = ed25519Signer('tongbu.example/430121/claims', randomBytes(32));
  expect(openCheckpoint(note, signer.verifier).size).toBe(3);
  expect(codeOf(() => openCheckpoint(note, sameName.verifier))).toBe('TB1406');
  expect(codeOf(() => openCheckpoint(note, otherLog.verifier))).toBe('TB1409');
  expect(codeOf(() => openCheckpoint(note))).toBe('TB1409');
});

test('a log key of one log cannot sign a checkpoint of another', () => {
  const thief = ed25519Signer('tongbu.example/430122/enrollment', randomBytes(32));
  const note = signNote(printCheckpoint({ origin, size: 3, root }), [thief]);
  expect(codeOf(() => openCheckpoint(note, thief.verifier))).toBe('TB1409');
  expect(() => signCheckpoint({ origin, size: 3, root }, thief)).toThrow('own log');
  expect(() => signCheckpoint({ origin, size: 3, root })).toThrow('own log');
});

test('a cosigner cannot stand in for the log, whatever its name', () => {
  const mirrorOrigin = 'tongbu.example/mirror/430000';
  const mirror = cosigner(mirrorOrigin, randomBytes(32), 'mirror');
  const text = printCheckpoint({ origin: mirrorOrigin, size: 3, root });
  const log = ed25519Signer(mirrorOrigin, randomBytes(32));
  const note = appendSignature(signNote(text, [log]), printSignature(mirror.verifier, mirror.sign(text, 1)));
  expect(codeOf(() => openCheckpoint(note, mirror.verifier))).toBe('TB1409');
});

test('while a key changes, a checkpoint carries both lines and either key opens it', () => {
  const [old, next] = [ed25519Signer(origin, randomBytes(32)), ed25519Signer(origin, randomBytes(32))];
  const note = signCheckpoint({ origin, size: 3, root }, old, next);
  for (const key of [old, next]) expect(openCheckpoint(note, key.verifier).size).toBe(3);
});

test('arbitrary lines are a canonical checkpoint or TB1408', () => {
  const line = fc.oneof(fc.string(), fc.constantFrom(origin, '0', '3', root.toString('base64'), ''));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
      const text = Buffer.from(`${lines.join('\n')}\n`);
      try {
        expect(printCheckpoint(parseCheckpoint(text))).toEqual(text);
      } catch (error) {
        expect(error instanceof Fault && error.code).toBe('TB1408');
      }
    }),
    { numRuns: 2_000 },
  );
});
