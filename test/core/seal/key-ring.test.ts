import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../core/base/random.ts';
import { KeyRing } from '../../../core/seal/key-ring.ts';
import { newRing } from '../../../core/seal/new-ring.ts';
import { refusal, ringOf } from './setting.ts';

test('a new key becomes the active one, the one before is retired and still readable', () => {
  const ring = ringOf().withKey('db', Buffer.alloc(32, 1), 5);
  expect(ring.key('db')).toEqual(new Uint8Array(32).fill(1));
  expect(ring.key('db', 1)).toEqual(new Uint8Array(32).fill(7));
  expect(ring.list().filter((key) => key.purpose === 'db')).toEqual([
    { purpose: 'db', epoch: 1, state: 'retired', createdMs: 1 },
    { purpose: 'db', epoch: 2, state: 'active', createdMs: 5 },
  ]);
  const dropped = ring.withoutRetired('db', 1);
  expect(refusal(() => dropped.key('db', 1)).code).toBe('TB1226');
  expect(dropped.withKey('db', Buffer.alloc(32, 2), 6).key('db', 3)).toEqual(new Uint8Array(32).fill(2));
});

test('a pending key is not in use until it is activated, and can be dropped', () => {
  const bytes = Buffer.alloc(32, 5);
  const ring = ringOf().withPending('password/writer', bytes, 5);
  expect(ring.key('password/writer')).toEqual(new Uint8Array(32).fill(9));
  expect(ring.pendingKey('password/writer')).toEqual(new Uint8Array(32).fill(5));
  expect(ring.pendingKey('db')).toBeUndefined();
  const read = KeyRing.fromBytes(ring.toBytes()) ?? expect.fail('a ring');
  expect(read.list()).toEqual(ring.list());
  const active = read.activated('password/writer');
  expect(active.key('password/writer')).toEqual(new Uint8Array(32).fill(5));
  expect(active.list().filter(({ purpose }) => purpose === 'password/writer')).toEqual([
    { purpose: 'password/writer', epoch: 1, state: 'retired', createdMs: 1 },
    { purpose: 'password/writer', epoch: 2, state: 'active', createdMs: 5 },
  ]);
  expect(active.pendingKey('password/writer')).toBeUndefined();
  expect(active.key('log')).toEqual(new Uint8Array(32).fill(8));
  const dropped = ring.withoutPending('password/writer');
  expect(dropped.list()).toEqual(ringOf().list());
  expect(() => ring.withPending('password/writer', bytes, 6)).toThrow('pending at most');
  expect(() => ring.withKey('password/writer', bytes, 6)).toThrow('activated or dropped first');
  expect(() => dropped.activated('password/writer')).toThrow('only a pending key');
  expect(() => dropped.withoutPending('password/writer')).toThrow('only a pending key');
  ring.wipe();
  expect(ring.pendingKey('password/writer')).toBeUndefined();
});

test('a ring is written in the first form unless a key is pending, and each form is one', () => {
  const form = (bytes: Buffer) => bytes.toString('latin1', 0, 15);
  const plain = ringOf().toBytes();
  const pending = ringOf().withPending('db', Buffer.alloc(32, 5), 5).toBytes();
  expect([form(plain), form(pending)]).toEqual(['tongbu/ring/v1\n', 'tongbu/ring/v2\n']);
  for (const [bytes, other] of [
    [plain, '2'],
    [pending, '1'],
  ] as const) {
    const swapped = Buffer.from(bytes);
    swapped.write(other, 13);
    expect(KeyRing.fromBytes(swapped)).toBeUndefined();
  }
  const twoPending = Buffer.from(pending);
  twoPending.writeUInt8(2, twoPending.indexOf('db') + 2 + 4);
  expect(KeyRing.fromBytes(twoPending)).toBeUndefined();
});

test('dropping an active key, a wrong length and a wrong purpose are bugs', () => {
  expect(() => ringOf().withoutRetired('db', 1)).toThrow('only a retired key');
  expect(() => ringOf().withKey('db', Buffer.alloc(31), 1)).toThrow('right length');
  expect(() => ringOf().withKey('backup', Buffer.alloc(0), 1)).toThrow('right length');
  expect(() => ringOf().withKey('password/Root', Buffer.alloc(32), 1)).toThrow('right length');
});

test('a ring is read back as it was written, and in no other form', () => {
  const ring = ringOf().withKey('db', Buffer.alloc(32, 1), 5);
  const bytes = ring.toBytes();
  const again = KeyRing.fromBytes(bytes);
  expect(again?.list()).toEqual(ring.list());
  expect(again?.key('db', 1)).toEqual(ring.key('db', 1));
  for (let end = 0; end < bytes.length; end += 1)
    expect(KeyRing.fromBytes(bytes.subarray(0, end))).toBeUndefined();
  expect(KeyRing.fromBytes(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeUndefined();
  const twice = Buffer.from(bytes);
  twice.writeUInt8(0, bytes.indexOf('db') + 2 + 4); // the retired key now says that it is active too
  expect(KeyRing.fromBytes(twice)).toBeUndefined();
});

test('any bytes are a canonical ring or none', () => {
  const bytes = ringOf().toBytes();
  const flips = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
  fc.assert(
    fc.property(flips, ([at, value]) => {
      const changed = Buffer.from(bytes);
      changed[at] = value;
      const ring = KeyRing.fromBytes(changed);
      return ring === undefined || ring.toBytes().equals(changed);
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (junk) => KeyRing.fromBytes(junk) === undefined));
});

test('a wiped ring has no key, and what was handed out is zeros', () => {
  const ring = ringOf();
  const key = ring.key('db');
  const derived = ring.withKey('field', Buffer.alloc(32, 3), 2);
  ring.wipe();
  expect(key).toEqual(new Uint8Array(32));
  expect(refusal(() => ring.key('db'))).toEqual({ code: 'TB1226', parameters: { purpose: 'db' } });
  expect(derived.key('db')).toEqual(new Uint8Array(32).fill(7));
});

test('printing a ring shows no key byte', () => {
  const ring = KeyRing.empty().withKey('db', Buffer.from('seeded-key-0123456789-0123456789'), 1);
  for (const text of [inspect(ring, { depth: 9, showHidden: true }), JSON.stringify(ring), `${ring}`]) {
    expect(text).not.toMatch(/seeded|115|73656564/);
  }
});

test('a fresh ring has one key for each purpose and an age identity for backups', async () => {
  const ring = await newRing(['db', 'log', 'mirror', 'backup'], seededRandom(1), 3);
  expect(ring.list().map((key) => key.purpose)).toEqual(['backup', 'db', 'log', 'mirror']);
  expect(Buffer.from(ring.key('backup')).toString()).toMatch(/^AGE-SECRET-KEY-1/);
  expect(ring.key('db')).not.toEqual(ring.key('log'));
  expect(ring.has('tls')).toBe(false);
});
