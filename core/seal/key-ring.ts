import { assert } from '../base/assert.ts';
import { equal, secretBytes, secretCopy, view, wipe } from '../base/bytes.ts';
import { fault } from '../base/errors.ts';
import { sealLimits } from './limits.ts';
import { sealError } from './seal-error.ts';

/** What a key is for; one key never serves two purposes. */
export type KeyPurpose =
  | 'db' // 32 bytes, the pages of the site's databases
  | 'log' // Ed25519 seed, signs the checkpoints of all logs of the site
  | 'mirror' // Ed25519 seed, cosigns receipts
  | 'field' // 32 bytes, values unreadable even through SQL
  | 'blind-index' // 32 bytes, only where persons are matched
  | 'backup' // X25519 age identity, as ASCII
  | 'tls' // PKCS#8 of the data certificate
  | 'tls-uplink' // PKCS#8 of the certificate of the authority above
  | 'issuing-authority' // PKCS#8
  | `password/${string}`; // 24 random bytes, base64url, for a role at a database server

/** `pending`: made durable before somebody else is told, and not in use until that has succeeded. */
export type KeyState = 'active' | 'retired' | 'pending';

export interface RingKey {
  readonly purpose: KeyPurpose;
  /** From 1 for each purpose; a rotation adds the next. */
  readonly epoch: number;
  readonly state: KeyState;
  readonly createdMs: number;
  readonly bytes: Uint8Array;
}

/** The first form knows no pending key; a ring without one is still written in it. */
const magics = { plain: Buffer.from('tongbu/ring/v1\n'), withPending: Buffer.from('tongbu/ring/v2\n') };
const magicBytes = magics.plain.length;
const stateCodes: readonly KeyState[] = ['active', 'retired', 'pending'];
const suiteIntlV1 = 1;
const purposes = 'db|log|mirror|field|blind-index|backup|tls|tls-uplink|issuing-authority';
const purposeForm = new RegExp(`^(${purposes}|password/[a-z][a-z0-9_-]{0,62})$`);
const of32Bytes: ReadonlySet<string> = new Set(['db', 'log', 'mirror', 'field', 'blind-index']);

/**
 * The keys of a site. A ring never changes: `with…` gives a new one with copies, so the old can be wiped on
 * its own. Serialised in one canonical form; whatever else is read is refused.
 */
export class KeyRing {
  #keys: readonly RingKey[];

  private constructor(keys: readonly RingKey[]) {
    this.#keys = keys;
  }

  static empty(): KeyRing {
    return new KeyRing([]);
  }

  /** The inverse of `toBytes`; undefined for anything else. It copies what it keeps. */
  static fromBytes(bytes: Uint8Array): KeyRing | undefined {
    const keys = decode(view(bytes));
    if (keys === undefined) return undefined;
    const ring = new KeyRing(keys);
    const canonical = ring.toBytes();
    const same = equal(canonical, bytes) && keys.every(wellFormed) && inOrder(keys);
    wipe(canonical);
    if (same) return ring;
    ring.wipe();
    return undefined;
  }

  /** Secret: the caller wipes it. */
  toBytes(): Buffer {
    const count = Buffer.alloc(2);
    count.writeUInt16BE(this.#keys.length);
    const parts = this.#keys.map(encode);
    const pending = this.#keys.some((key) => key.state === 'pending');
    const bytes = Buffer.concat([pending ? magics.withPending : magics.plain, count, ...parts]);
    wipe(...parts);
    assert(bytes.length <= sealLimits.ringBytesMax, 'a ring stays within its limit');
    return bytes;
  }

  has(purpose: KeyPurpose): boolean {
    return this.#keys.some((key) => key.purpose === purpose && key.state === 'active');
  }

  /**
   * The key in use, or that of an epoch. A view of the ring's own memory: it turns to zeros when the site is
   * sealed, so make KeyObjects of it at once and never wipe it. Throws TB1226.
   */
  key(purpose: KeyPurpose, epoch?: number): Uint8Array {
    const found = this.#keys.find(
      (key) =>
        key.purpose === purpose && (epoch === undefined ? key.state === 'active' : key.epoch === epoch),
    );
    if (found === undefined) throw fault(sealError.keyMissing, { purpose });
    return found.bytes;
  }

  /** Everything but the bytes, in the order of purpose and epoch. */
  list(): Omit<RingKey, 'bytes'>[] {
    return this.#keys.map(({ purpose, epoch, state, createdMs }) => ({ purpose, epoch, state, createdMs }));
  }

  /** A ring with `bytes` (copied) as the active key of the purpose; the one before is retired. */
  withKey(purpose: KeyPurpose, bytes: Uint8Array, createdMs: number): KeyRing {
    assert(this.pendingKey(purpose) === undefined, 'a pending key is activated or dropped first');
    const others = this.#keys.map((key) => copy(key, key.purpose === purpose ? 'retired' : key.state));
    return new KeyRing([...others, this.#newKey(purpose, bytes, createdMs, 'active')].sort(byPurpose));
  }

  /** A ring with `bytes` (copied) as the pending key of the purpose; the active one stays in use. */
  withPending(purpose: KeyPurpose, bytes: Uint8Array, createdMs: number): KeyRing {
    assert(this.pendingKey(purpose) === undefined, 'one key of a purpose is pending at most');
    const others = this.#keys.map((key) => copy(key, key.state));
    return new KeyRing([...others, this.#newKey(purpose, bytes, createdMs, 'pending')].sort(byPurpose));
  }

  /** The key that waits to be put in use: a view, as `key` gives it. Undefined when there is none. */
  pendingKey(purpose: KeyPurpose): Uint8Array | undefined {
    return this.#keys.find((key) => key.purpose === purpose && key.state === 'pending')?.bytes;
  }

  /** A ring in which the pending key of the purpose is the active one and the one before is retired. */
  activated(purpose: KeyPurpose): KeyRing {
    assert(this.pendingKey(purpose) !== undefined, 'only a pending key is activated');
    const state = (key: RingKey) => (key.state === 'pending' ? 'active' : 'retired');
    return new KeyRing(this.#keys.map((key) => copy(key, key.purpose === purpose ? state(key) : key.state)));
  }

  /** A ring without the pending key of the purpose: nobody took it over. */
  withoutPending(purpose: KeyPurpose): KeyRing {
    assert(this.pendingKey(purpose) !== undefined, 'only a pending key is dropped here');
    const kept = this.#keys.filter((key) => key.purpose !== purpose || key.state !== 'pending');
    return new KeyRing(kept.map((key) => copy(key, key.state)));
  }

  /** A ring without one retired key: nothing on disk and no backup needs it any more. */
  withoutRetired(purpose: KeyPurpose, epoch: number): KeyRing {
    const gone = this.#keys.find((key) => key.purpose === purpose && key.epoch === epoch);
    assert(gone?.state === 'retired', 'only a retired key is dropped');
    return new KeyRing(this.#keys.filter((key) => key !== gone).map((key) => copy(key, key.state)));
  }

  /** A ring without any password of a role: the login at the server has been given up. */
  withoutPassword(role: string): KeyRing {
    const kept = this.#keys.filter((key) => key.purpose !== `password/${role}`);
    return new KeyRing(kept.map((key) => copy(key, key.state)));
  }

  /** Overwrites every key; the ring is empty afterwards. */
  wipe(): void {
    wipe(...this.#keys.map((key) => key.bytes));
    this.#keys = [];
  }

  #newKey(purpose: KeyPurpose, bytes: Uint8Array, createdMs: number, state: KeyState): RingKey {
    assert(this.#keys.length < sealLimits.ringKeysMax, 'a ring stays within its limit');
    const before = this.#keys.filter((key) => key.purpose === purpose).map((key) => key.epoch);
    const epoch = 1 + Math.max(0, ...before);
    const added: RingKey = { purpose, epoch, state, createdMs, bytes: secretCopy(bytes) };
    assert(wellFormed(added), `a key for ${purpose} of the right length`);
    return added;
  }
}

/** u8 length, purpose ‖ u32 epoch ‖ u8 state ‖ u8 suite ‖ u48 created (ms) ‖ u16 length, key. */
function encode(key: RingKey): Buffer {
  const purpose = Buffer.from(key.purpose, 'ascii');
  const bytes = secretBytes(1 + purpose.length + 14 + key.bytes.length);
  let at = bytes.writeUInt8(purpose.length);
  at += purpose.copy(bytes, at);
  at = bytes.writeUInt32BE(key.epoch, at);
  at = bytes.writeUInt8(stateCodes.indexOf(key.state), at);
  at = bytes.writeUInt8(suiteIntlV1, at);
  at = bytes.writeUIntBE(key.createdMs, at, 6);
  at = bytes.writeUInt16BE(key.bytes.length, at);
  bytes.set(key.bytes, at);
  return bytes;
}

/** Only the shape; what is read is encoded again and compared, which leaves one form (trap 44). */
function decode(bytes: Buffer): RingKey[] | undefined {
  if (bytes.length > sealLimits.ringBytesMax || bytes.length < magicBytes + 2) return undefined;
  const count = bytes.readUInt16BE(magicBytes);
  if (count > sealLimits.ringKeysMax) return undefined;
  const keys: RingKey[] = [];
  let at = magicBytes + 2;
  try {
    for (let i = 0; i < count; i += 1) {
      const purposeEnd = at + 1 + bytes.readUInt8(at);
      const end = purposeEnd + 14 + bytes.readUInt16BE(purposeEnd + 12);
      if (end > bytes.length) return undefined;
      keys.push({
        purpose: bytes.toString('latin1', at + 1, purposeEnd) as KeyPurpose, // `wellFormed` decides
        epoch: bytes.readUInt32BE(purposeEnd),
        state: stateCodes[bytes.readUInt8(purposeEnd + 4)] ?? 'retired', // the comparison refuses the rest
        createdMs: bytes.readUIntBE(purposeEnd + 6, 6),
        bytes: secretCopy(bytes.subarray(purposeEnd + 14, end)),
      });
      at = end;
    }
  } catch {
    return undefined; // cut short
  }
  return keys;
}

function wellFormed(key: RingKey): boolean {
  const sized = of32Bytes.has(key.purpose) ? key.bytes.length === 32 : key.bytes.length >= 16;
  return (
    purposeForm.test(key.purpose) && sized && key.bytes.length <= sealLimits.keyBytesMax && key.epoch > 0
  );
}

/** In order, no key twice, at most one active and one pending key for each purpose. */
function inOrder(keys: readonly RingKey[]): boolean {
  const ordered = keys.every((key, i) => i === 0 || byPurpose(keys[i - 1] ?? key, key) < 0);
  const current = keys.filter((key) => key.state !== 'retired').map((key) => `${key.purpose} ${key.state}`);
  return ordered && new Set(current).size === current.length;
}

function byPurpose(a: RingKey, b: RingKey): number {
  return a.purpose === b.purpose ? a.epoch - b.epoch : a.purpose < b.purpose ? -1 : 1;
}

function copy(key: RingKey, state: KeyState): RingKey {
  return { ...key, state, bytes: secretCopy(key.bytes) };
}
