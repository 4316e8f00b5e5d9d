import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../core/base/random.ts';
import { deal, holderIdentifier } from '../../../core/seal/dealing.ts';
import { JournalKey } from '../../../core/seal/journal-key.ts';
import { JournalVerifier } from '../../../core/seal/journal-verifier.ts';
import { manifestHash, parseManifest, printManifest } from '../../../core/seal/share-set.ts';
import { holdersOf } from './setting.ts';

const key = new JournalKey('hunan.example/journal/430121', Buffer.alloc(32, 5));
const setId = '3f0c'.repeat(8);
const { commitments } = deal(2, ['chen', 'li', 'wang'], setId, seededRandom(9));
const holders = holdersOf(['chen', 'li', 'wang']).map((holder, i) => ({
  number: i + 1,
  identifier: holderIdentifier(holder.officer),
  ...holder,
}));
const createdMs = Date.UTC(2026, 10, 21, 8);
const set = { site: '430121', setId, epoch: 4, threshold: 2, createdMs, commitments, holders };
const manifest = printManifest(set, key);

test('a manifest has the published lines and gives back the set that was printed', () => {
  const lines = manifest.toString().split('\n');
  expect(lines.slice(0, 6)).toEqual([
    'tongbu/share-set/v1',
    'site 430121',
    `set ${setId}`,
    'epoch 4',
    'threshold 2 of 3',
    'created 2026-11-21T08:00:00Z',
  ]);
  expect(lines[8]).toBe(`holder 1 ${holderIdentifier('chen')} chen ${'1'.padStart(64, '0')}`);
  expect(lines[11]).toBe(`journal ${key.verifier.print()}`);
  const { journal, ...read } = parseManifest(manifest) ?? expect.fail('it is not read back');
  expect({ ...read, commitments: read.commitments.map((point) => Uint8Array.from(point)) }).toEqual(set);
  expect(journal.print()).toBe(key.verifier.print());
});

test('its hash is the SHA-256 of the file', () => {
  expect(manifestHash(manifest)).toBe(createHash('sha256').update(manifest).digest('hex'));
});

test('the key of a note is the one of the signed-note specification', () => {
  const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  expect(JournalVerifier.parse(vkey)?.print()).toBe(vkey);
  expect(JournalVerifier.parse(vkey.replace('530d', '530e'))).toBeUndefined();
  expect(JournalVerifier.parse(vkey.replace('AekyeR', 'BekyeR'))).toBeUndefined();
});

test('a manifest changed, added to, cut or signed by another key is no manifest', () => {
  for (let at = 0; at < manifest.length; at += 1) {
    const bad = Buffer.from(manifest);
    bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
    expect(parseManifest(bad), `byte ${at}`).toBeUndefined();
  }
  const text = manifest.toString();
  const line = text.split('\n').at(-2) ?? '';
  expect(parseManifest(Buffer.from(`${text}${line}\n`))).toBeUndefined();
  expect(parseManifest(manifest.subarray(0, -1))).toBeUndefined();
  expect(parseManifest(Buffer.concat([manifest, Buffer.from('\n')]))).toBeUndefined();
  const other = new JournalKey(key.verifier.name, Buffer.alloc(32, 6));
  const signed = printManifest(set, other).toString().replace(other.verifier.print(), key.verifier.print());
  expect(parseManifest(Buffer.from(signed))).toBeUndefined();
});

test('lines in another order or form are refused although the signature is right', () => {
  const forged = [
    { ...set, holders: [...holders].reverse() },
    { ...set, holders: holders.map((holder) => ({ ...holder, officer: 'chen' })) },
    { ...set, site: '43012' },
    { ...set, epoch: 0 },
    { ...set, setId: setId.toUpperCase() },
    { ...set, createdMs: createdMs + 1 },
    { ...set, commitments: [Buffer.alloc(31)] },
  ];
  for (const bad of forged) expect(parseManifest(printManifest(bad, key))).toBeUndefined();
  expect(parseManifest(printManifest(set, key))).toBeDefined();
});

test('any bytes are either a manifest or not, and nothing is thrown', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => parseManifest(bytes) === undefined));
  const text = manifest.toString();
  const cuts = fc.tuple(fc.nat(text.length), fc.nat(text.length), fc.string({ maxLength: 20 }));
  fc.assert(
    fc.property(cuts, ([a, b, put]) => {
      const candidate = text.slice(0, a) + put + text.slice(b);
      return parseManifest(Buffer.from(candidate)) === undefined || candidate === text;
    }),
  );
});
