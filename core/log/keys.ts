import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { assert } from '../base/assert.ts';
import { fault } from '../base/errors.ts';
import { canonicalBase64 } from './canonical.ts';

/*
 * Keys of signed notes (C2SP signed-note). A log signs with a `SignerKey`, a receiver or witness with a
 * `Cosigner`; the types differ so that neither can stand in for the other.
 */

/** 'ed25519' (01) signs a text; 'cosignature' (04) signs a time and a checkpoint. */
export type KeyType = 'ed25519' | 'cosignature';

/**
 * What a cosigner says of a checkpoint: a mirror durably holds every entry, a witness saw that the log only
 * grew. One key says one thing, because an Ed25519 cosignature does not cover its name.
 */
export type Statement = 'mirror' | 'witness';

export interface VerifierKey {
  readonly type: KeyType;
  readonly name: string;
  /** 8 lower-case hex digits: SHA-256(name ‖ 0A ‖ type ‖ public key), cut to 4 bytes. */
  readonly keyId: string;
  /** 32 bytes. */
  readonly publicKey: Buffer;
  /** Whether `signature` (what stands after the key id in a note line) is this key's over the note text. */
  verify(text: Uint8Array, signature: Uint8Array): boolean;
}

export interface SignerKey {
  readonly type: 'ed25519';
  readonly name: string;
  readonly verifier: VerifierKey;
  sign(text: Uint8Array): Buffer;
}

export interface Cosigner<S extends Statement = Statement> {
  readonly type: 'cosignature';
  readonly statement: S;
  readonly name: string;
  readonly verifier: VerifierKey;
  /** The payload of a note line: the time, then the signature. */
  sign(text: Uint8Array, seconds: number): Buffer;
}

const typeBytes: Readonly<Record<KeyType, number>> = { ed25519: 0x01, cosignature: 0x04 };
const seedBytes = 32;
const publicKeyBytes = 32;
/** RFC 8410: what stands before the 32 bytes in PKCS #8 and in SPKI. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
/** u64 seconds before the 64 bytes of a cosignature. */
const timeBytes = 8;

/** The key of a log. `seed` is the RFC 8032 private key (32 bytes); the caller wipes it. Throws TB1411. */
export function ed25519Signer(name: string, seed: Uint8Array): SignerKey {
  const key = privateKey(seed);
  const verifier = ed25519Verifier(name, rawPublicKey(key));
  return { type: 'ed25519', name, verifier, sign: (text) => sign(null, text, key) };
}

/** Throws TB1411 for the name, TB1410 for a key that is not 32 bytes. */
export function ed25519Verifier(name: string, publicKey: Uint8Array): VerifierKey {
  return verifierKey('ed25519', name, publicKey);
}

/** The name must say the statement: `<trust domain>/mirror/<site>`. Throws TB1411. */
export function cosigner<S extends Statement>(name: string, seed: Uint8Array, statement: S): Cosigner<S> {
  const says = name.includes(`/${statement}/`);
  if (!says) throw fault('TB1411', { name, reason: `it does not say ${statement}` });
  const key = privateKey(seed);
  const verifier = cosignatureVerifier(name, rawPublicKey(key));
  return {
    type: 'cosignature',
    statement,
    name,
    verifier,
    sign: (text, seconds) => {
      const time = Buffer.alloc(timeBytes);
      time.writeBigUInt64BE(BigInt(seconds));
      return Buffer.concat([time, sign(null, cosignedMessage(text, BigInt(seconds)), key)]);
    },
  };
}

/** Throws TB1411 for the name, TB1410 for a key that is not 32 bytes. */
export function cosignatureVerifier(name: string, publicKey: Uint8Array): VerifierKey {
  return verifierKey('cosignature', name, publicKey);
}

/** Reads `name+hash+base64(type ‖ key)`. Throws TB1410. */
export function parseVkey(text: string): VerifierKey {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text);
  const [, name = '', keyId = '', base64 = ''] = match ?? [];
  if (!isKeyName(name)) throw fault('TB1410', { reason: 'it is not of the form name+hash+key' });
  const encoded = canonicalBase64(base64, 1 + publicKeyBytes);
  const type = encoded?.[0] === 0x01 ? 'ed25519' : encoded?.[0] === 0x04 ? 'cosignature' : undefined;
  if (!encoded || !type) throw fault('TB1410', { reason: 'it is not an Ed25519 key' });
  const key = verifierKey(type, name, encoded.subarray(1));
  if (key.keyId !== keyId) throw fault('TB1410', { reason: 'its hash does not fit' });
  return key;
}

export function printVkey(key: VerifierKey): string {
  const encoded = Buffer.concat([Buffer.of(typeBytes[key.type]), key.publicKey]);
  return `${key.name}+${key.keyId}+${encoded.toString('base64')}`;
}

/** The public key (32 bytes) of an Ed25519 seed. */
export function publicKeyOf(seed: Uint8Array): Buffer {
  return rawPublicKey(privateKey(seed));
}

/** Not empty, no Unicode space, no `+`, no control character. */
export function isKeyName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what the format forbids
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}

function verifierKey(type: KeyType, name: string, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw fault('TB1411', { name, reason: 'it is empty or has a space or a plus sign' });
  if (publicKey.length !== publicKeyBytes) throw fault('TB1410', { reason: 'it is not an Ed25519 key' });
  const raw = Buffer.from(publicKey);
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });
  const identity = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(typeBytes[type]), raw]);
  return {
    type,
    name,
    keyId: hash('sha256', identity, 'hex').slice(0, 8),
    publicKey: raw,
    verify: (text, signature) => {
      if (type === 'ed25519') return verify(null, text, key, signature);
      if (signature.length <= timeBytes) return false;
      const seconds = Buffer.from(signature.subarray(0, timeBytes)).readBigUInt64BE();
      return verify(null, cosignedMessage(text, seconds), key, signature.subarray(timeBytes));
    },
  };
}

/** C2SP tlog-cosignature, Ed25519 form. */
function cosignedMessage(text: Uint8Array, seconds: bigint): Buffer {
  return Buffer.concat([Buffer.from(`cosignature/v1\ntime ${seconds}\n`), text]);
}

function privateKey(seed: Uint8Array): KeyObject {
  assert(seed.length === seedBytes, 'an Ed25519 seed has 32 bytes');
  const der = Buffer.concat([pkcs8Prefix, seed]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

function rawPublicKey(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length);
}
