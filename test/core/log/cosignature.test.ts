import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { signCheckpoint } from '../../../core/log/checkpoint.ts';
import { cosign, verifyCosignature } from '../../../core/log/cosignature.ts';
import { cosigner, ed25519Signer, parseVkey } from '../../../core/log/keys.ts';
import { appendSignature, printSignature, signNote } from '../../../core/log/note.ts';
import { codeOf, signedLogVectors } from './support.ts';

const vectors = signedLogVectors();
const origin = 'tongbu.example/430121/enrollment';
const signer = ed25519Signer(origin, randomBytes(32));
const mirror = cosigner('tongbu.example/mirror/430000', randomBytes(32), 'mirror');
const witness = cosigner('tongbu.example/witness/430122', randomBytes(32), 'witness');
const note = signCheckpoint({ origin, size: 3, root: Buffer.alloc(32, 3) }, signer);

test('the fixed mirror key gives the published receipt, byte for byte', () => {
  const key = cosigner('tongbu.example/mirror/430000', Buffer.alloc(32, vectors.mirrorKeySeedByte), 'mirror');
  const whole = Buffer.from(vectors.note);
  const ours = signCheckpoint(
    { origin, size: 3, root: Buffer.from('lPvQ3YNvUDAWkubQ6t5yjuGexSv/8WBu2AfIV11aqhk=', 'base64') },
    ed25519Signer(origin, Buffer.alloc(32, vectors.logKeySeedByte)),
  );
  const line = cosign(ours, key, vectors.cosignedAtSeconds * 1000 + 999);
  expect(appendSignature(ours, line)).toEqual(whole);
  expect(verifyCosignature(whole, line, parseVkey(vectors.mirrorVkey))).toEqual({
    timeMs: vectors.cosignedAtSeconds * 1000,
  });
});

test('a receipt is for this checkpoint and from this key alone', () => {
  const line = cosign(note, mirror, 5_000);
  const larger = signCheckpoint({ origin, size: 4, root: Buffer.alloc(32, 4) }, signer);
  expect(verifyCosignature(note, line, mirror.verifier).timeMs).toBe(5_000);
  expect(codeOf(() => verifyCosignature(larger, line, mirror.verifier))).toBe('TB1407');
  expect(codeOf(() => verifyCosignature(note, line, witness.verifier))).toBe('TB1417');
  expect(codeOf(() => verifyCosignature(note, line, signer.verifier))).toBe('TB1417');
  expect(codeOf(() => verifyCosignature(note, Buffer.from('junk\n'), mirror.verifier))).toBe('TB1405');
});

test("the log's own signature does not pass for a receipt", () => {
  const line = note.subarray(note.indexOf('—'));
  expect(codeOf(() => verifyCosignature(note, line, signer.verifier))).toBe('TB1417');
});

test('a witness line does not pass for a receipt, nor one key under the other name', () => {
  const seed = randomBytes(32);
  const asWitness = cosigner('tongbu.example/witness/430000', seed, 'witness');
  const asMirror = cosigner('tongbu.example/mirror/430000', seed, 'mirror');
  expect(codeOf(() => verifyCosignature(note, cosign(note, asWitness, 0), asMirror.verifier))).toBe('TB1417');
});

test('the time of a receipt is covered by its signature', () => {
  const payload = mirror.sign(note.subarray(0, note.lastIndexOf('\n\n') + 1), 5);
  for (const [at, value] of [
    [7, 6],
    [0, 0x80],
  ] as const) {
    const changed = Buffer.from(payload);
    changed[at] = value;
    const line = printSignature(mirror.verifier, changed);
    expect(codeOf(() => verifyCosignature(note, line, mirror.verifier))).toBe('TB1407');
  }
});

test('a signed but impossible time is refused', () => {
  const line = printSignature(
    mirror.verifier,
    mirror.sign(note.subarray(0, note.lastIndexOf('\n\n') + 1), 2 ** 60),
  );
  expect(codeOf(() => verifyCosignature(note, line, mirror.verifier))).toBe('TB1417');
});

test('nothing but a checkpoint is cosigned', () => {
  const letter = signNote(Buffer.from('a letter\n'), [signer]);
  expect(codeOf(() => cosign(letter, mirror, 0))).toBe('TB1408');
  expect(codeOf(() => cosign(Buffer.from('junk'), mirror, 0))).toBe('TB1405');
});
