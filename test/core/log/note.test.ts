import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { cosigner, ed25519Signer, parseVkey } from '../../../core/log/keys.ts';
import {
  appendSignature,
  noteBytesMax,
  parseNote,
  parseSignature,
  printSignature,
  signNote,
  verifyNote,
} from '../../../core/log/note.ts';
import { codeOf, signedLogVectors } from './support.ts';

const { publicNote, note: ownNote, logVkey, mirrorVkey } = signedLogVectors();
const text = Buffer.from('first\n\nafter an empty line\n');
const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((name) => ed25519Signer(name, randomBytes(32))) as [
  ReturnType<typeof ed25519Signer>,
  ReturnType<typeof ed25519Signer>,
  ReturnType<typeof ed25519Signer>,
];

test('the published example verifies under the published key', () => {
  const note = parseNote(Buffer.from(publicNote.note));
  expect(note.text.toString()).toBe('This is an example message.\n');
  expect(verifyNote(note, [parseVkey(publicNote.vkey)]).map(({ name }) => name)).toEqual(['example.com/foo']);
});

test('a checkpoint with its receipt verifies under log key and mirror key', () => {
  const keys = [parseVkey(logVkey), parseVkey(mirrorVkey)];
  expect(verifyNote(parseNote(Buffer.from(ownNote)), keys)).toEqual(keys);
});

test('the text is parted from the signatures at the last empty line and kept byte by byte', () => {
  const bytes = signNote(text, [ada, bob]);
  const note = parseNote(bytes);
  expect(note.text).toEqual(text);
  expect(note.bytes).toEqual(bytes);
  expect(verifyNote(note, [bob.verifier, ada.verifier])).toHaveLength(2);
});

test('lines of unknown keys are ignored, one known key is enough, none is refused', () => {
  const note = parseNote(signNote(text, [ada, bob]));
  expect(verifyNote(note, [bob.verifier, eve.verifier])).toEqual([bob.verifier]);
  expect(codeOf(() => verifyNote(note, [eve.verifier]))).toBe('TB1406');
  expect(codeOf(() => verifyNote(note, []))).toBe('TB1406');
});

test('a wrong line of a known key refuses the whole note, also next to right ones', () => {
  const forged = printSignature(ada.verifier, eve.sign(text));
  const note = parseNote(appendSignature(signNote(text, [ada, bob]), forged));
  expect(codeOf(() => verifyNote(note, [ada.verifier, bob.verifier]))).toBe('TB1407');
  expect(verifyNote(note, [bob.verifier])).toEqual([bob.verifier]);
});

test('the same name with another key is an unknown key', () => {
  const other = ed25519Signer('ada', randomBytes(32));
  expect(codeOf(() => verifyNote(parseNote(signNote(text, [ada])), [other.verifier]))).toBe('TB1406');
});

test('every changed byte of a note is noticed', () => {
  const bytes = signNote(Buffer.from('short\n'), [ada]);
  for (let i = 0; i < bytes.length; i++) {
    for (const flip of [0x01, 0x20]) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] as number) ^ flip;
      expect(codeOf(() => verifyNote(parseNote(changed), [ada.verifier]))).toMatch(/^TB140[567]$/);
    }
  }
});

test('notes that do not parse are refused', () => {
  const line = `— ada ${randomBytes(68).toString('base64')}\n`;
  const base64 = Buffer.alloc(68, 0xff).toString('base64');
  for (const bad of [
    '',
    'text\n',
    'text\n\n',
    `text\n${line}`,
    `text\n\n${line.slice(0, -1)}`,
    `text\n\n${line}\n`,
    `text\r\n\n${line}`,
    `te\txt\n\n${line}`,
    `text\n\n- ada ${base64}\n`,
    `text\n\n—  ${base64}\n`,
    `text\n\n— a+b ${base64}\n`,
    `text\n\n— a\u2003b ${base64}\n`,
    `text\n\n— ada\n`,
    `text\n\n— ada ${base64} \n`,
    `text\n\n— ada ${base64.slice(0, -1)}\n`, // missing padding
    `text\n\n— ada ${base64.replaceAll('/', '_')}\n`, // URL letters
    `text\n\n— ada ${base64.slice(0, -2)}9=\n`, // stray bits
    `text\n\n— ada AAAAAA==\n`, // a key id and nothing more
    `text\n\n${line.repeat(65)}`,
    `${'x'.repeat(noteBytesMax)}\n\n${line}`,
  ]) {
    expect(
      codeOf(() => parseNote(Buffer.from(bad))),
      JSON.stringify(bad.slice(0, 80)),
    ).toBe('TB1405');
  }
  expect(codeOf(() => parseNote(Buffer.concat([Buffer.of(0xff), signNote(text, [ada])])))).toBe('TB1405');
  expect(parseNote(Buffer.from(`text\n\n${line.repeat(64)}`)).signatures).toHaveLength(64);
});

test('appending a signature keeps what was there, and twice is once', () => {
  const bytes = signNote(text, [ada]);
  const line = printSignature(bob.verifier, bob.sign(text));
  const both = appendSignature(bytes, line);
  expect(both).toEqual(Buffer.concat([bytes, line]));
  expect(appendSignature(both, line)).toEqual(both);
  expect(parseSignature(line)).toEqual(parseNote(both).signatures[1]);
  for (const bad of ['', 'junk\n', line.toString().slice(0, -1), `${line}${line}`, `\n${line}`]) {
    expect(codeOf(() => appendSignature(bytes, Buffer.from(bad)))).toBe('TB1405');
  }
});

test('a line inside the text is no signature, and appending it as one still counts', () => {
  const line = printSignature(bob.verifier, bob.sign(text));
  const quoting = signNote(Buffer.concat([Buffer.from('quote\n'), line]), [ada]);
  expect(parseNote(quoting).signatures).toHaveLength(1);
  expect(parseNote(appendSignature(quoting, line)).signatures).toHaveLength(2);
});

test('two cosignatures of one key at different times both count as that key', () => {
  const mirror = cosigner('a.example/mirror/430000', randomBytes(32), 'mirror');
  const lines = [1, 2].map((seconds) => printSignature(mirror.verifier, mirror.sign(text, seconds)));
  const note = parseNote(lines.reduce(appendSignature, signNote(text, [ada])));
  expect(verifyNote(note, [mirror.verifier])).toEqual([mirror.verifier]);
});

test('arbitrary text parses to exactly its bytes or is TB1405', () => {
  const piece = fc.oneof(
    fc.constantFrom('\n', '\n\n', '— ', ' ', 'ada', '+', '=', 'AAAAAAAA', '\u00a0', '\t'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const bytes = Buffer.from(pieces.join(''));
      try {
        const note = parseNote(bytes);
        const lines = note.signatures.map(
          ({ name, keyId, signature }) =>
            `— ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64')}\n`,
        );
        expect(`${note.text}\n${lines.join('')}`).toBe(bytes.toString());
      } catch (error) {
        expect(error instanceof Fault && error.code).toBe('TB1405');
      }
    }),
    { numRuns: 2_000 },
  );
});
