import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  cosignatureVerifier,
  cosigner,
  ed25519Signer,
  ed25519Verifier,
  isKeyName,
  parseVkey,
  printVkey,
  publicKeyOf,
} from '../../../core/log/keys.ts';
import { codeOf, sharedVectors, signedLogVectors } from './support.ts';

const { logVkey, mirrorVkey, logKeySeedByte, mirrorKeySeedByte, publicNote } = signedLogVectors();
const logName = 'tongbu.example/430121/enrollment';
const mirror = 'tongbu.example/mirror/430000';

interface Wycheproof {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: 'valid' | 'invalid';
    }[];
  }[];
}

test('all 151 known attacks and edge cases of Ed25519 are judged as published', (context) => {
  const { testGroups } = sharedVectors<Wycheproof>('ed25519_test.json', context.skip);
  const wrong: number[] = [];
  let count = 0;
  for (const { publicKey, tests } of testGroups) {
    const key = ed25519Verifier('vectors.example', Buffer.from(publicKey.pk, 'hex'));
    for (const { tcId, msg, sig, result } of tests) {
      count += 1;
      if (key.verify(Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex')) !== (result === 'valid'))
        wrong.push(tcId);
    }
  }
  expect(wrong).toEqual([]);
  expect(count).toBe(151);
});

test('a fixed seed gives the published verification keys', () => {
  const log = ed25519Signer(logName, Buffer.alloc(32, logKeySeedByte));
  const receiver = cosigner(mirror, Buffer.alloc(32, mirrorKeySeedByte), 'mirror');
  expect(printVkey(log.verifier)).toBe(logVkey);
  expect(printVkey(receiver.verifier)).toBe(mirrorVkey);
  expect(publicKeyOf(Buffer.alloc(32, logKeySeedByte))).toEqual(log.verifier.publicKey);
});

test('a verification key is read back as it was printed', () => {
  for (const text of [logVkey, mirrorVkey, publicNote.vkey]) expect(printVkey(parseVkey(text))).toBe(text);
  expect(parseVkey(mirrorVkey).type).toBe('cosignature');
});

test('a verification key with any other spelling is refused', () => {
  const [name, id, key] = logVkey.split('+', 3) as [string, string, string];
  for (const text of [
    '',
    name,
    `${name}+${id}`,
    `${name}+${id.toUpperCase()}+${key}`,
    `${name}+00000000+${key}`,
    `other+${id}+${key}`,
    `${name} +${id}+${key}`,
    `+${id}+${key}`,
    `${logVkey}\n`,
    ` ${logVkey}`,
    `${logVkey}=`,
    logVkey.replace('AYqI', 'A-qI'),
    logVkey.slice(0, -4),
    `${logVkey}AAAA`,
    // an ML-DSA type byte on an Ed25519 key
    `${name}+${id}+${Buffer.concat([Buffer.of(6), Buffer.from(key, 'base64').subarray(1)]).toString('base64')}`,
  ]) {
    expect(
      codeOf(() => parseVkey(text)),
      text,
    ).toBe('TB1410');
  }
});

test('one key under two names or types has two key ids', () => {
  const key = publicKeyOf(randomBytes(32));
  const ids = [
    ed25519Verifier('a.example', key),
    ed25519Verifier('b.example', key),
    cosignatureVerifier('a.example', key),
  ].map(({ keyId }) => keyId);
  expect(new Set(ids).size).toBe(3);
});

test('names that a signed note cannot carry are refused', () => {
  for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\u3000b', 'a\nb', 'a\u0001b', '\ud800']) {
    expect(isKeyName(name), JSON.stringify(name)).toBe(false);
    expect(codeOf(() => ed25519Verifier(name, randomBytes(32)))).toBe('TB1411');
  }
  expect(isKeyName('湖南.example/430121')).toBe(true);
});

test('a cosigner key says in its name which of the two statements it makes', () => {
  expect(codeOf(() => cosigner(logName, randomBytes(32), 'mirror'))).toBe('TB1411');
  expect(codeOf(() => cosigner(mirror, randomBytes(32), 'witness'))).toBe('TB1411');
  expect(cosigner('tongbu.example/witness/430122', randomBytes(32), 'witness').statement).toBe('witness');
});

test('a signature counts neither for another type of key nor when it is cut', () => {
  const seed = randomBytes(32);
  const text = Buffer.from('text\n');
  const log = ed25519Signer('a.example', seed);
  const mirrorKey = cosigner('a.example/mirror/430000', seed, 'mirror');
  const plain = log.sign(text);
  const timed = mirrorKey.sign(text, 1_790_000_000);
  expect(log.verifier.verify(text, plain)).toBe(true);
  expect(mirrorKey.verifier.verify(text, timed)).toBe(true);
  expect(log.verifier.verify(text, timed)).toBe(false);
  expect(log.verifier.verify(text, timed.subarray(8))).toBe(false);
  expect(mirrorKey.verifier.verify(text, plain)).toBe(false);
  for (let length = 0; length < 72; length++) {
    expect(mirrorKey.verifier.verify(text, timed.subarray(0, length))).toBe(false);
    expect(log.verifier.verify(text, plain.subarray(0, Math.min(length, 63)))).toBe(false);
  }
});
