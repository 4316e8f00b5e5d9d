import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { parseProofFile, printProofFile } from '../../../core/log/proof-file.ts';
import { codeOf, signedLogVectors } from './support.ts';

const { note, inclusionOf1 } = signedLogVectors();
const checkpoint = Buffer.from(note);
const path = inclusionOf1.map((hash) => Buffer.from(hash, 'base64'));
const text = printProofFile({ index: 1, path, checkpoint }).toString();

test('a proof file has the lines of the C2SP format', () => {
  expect(text).toBe(`c2sp.org/tlog-proof@v1\nindex 1\n${inclusionOf1.join('\n')}\n\n${note}`);
  const extra = printProofFile({ index: 0, path: [], checkpoint, extra: Buffer.from('hi') }).toString();
  expect(extra).toBe(`c2sp.org/tlog-proof@v1\nextra aGk=\nindex 0\n\n${note}`);
});

test('a proof file is read back as it was printed', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
  const extra = fc.option(
    fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.from(bytes)),
    { nil: undefined },
  );
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.array(hash, { maxLength: 53 }), extra, (index, hashes, more) => {
      const proof = { index, path: hashes, checkpoint, ...(more === undefined ? {} : { extra: more }) };
      expect(parseProofFile(printProofFile(proof))).toEqual(proof);
    }),
  );
});

test('a proof file with any other spelling is refused', () => {
  const [first, second] = inclusionOf1 as [string, string];
  for (const bad of [
    '',
    text.replace('@v1', '@v2'),
    text.replace('index 1', 'index 01'),
    text.replace('index 1', 'index -1'),
    text.replace('index 1', 'index  1'),
    text.replace('index 1\n', ''),
    text.replace('index 1', 'extra aGk\nindex 1'),
    text.replace('index 1', 'extra aGk=\nextra aGk=\nindex 1'),
    text.replace('index 1', 'index 1\nextra aGk='),
    text.replace(first, first.slice(0, -1)),
    text.replace(second, `${second} `),
    text.replace(first, 'AAAA'),
    text.replaceAll('\n', '\r\n'),
    text.replace(`\n\n${note}`, `\n${note.replaceAll('\n\n', '\n')}`),
    text.replace('index 1\n', `index 1\n${`${first}\n`.repeat(52)}`),
    text + 'x'.repeat(200_000),
  ]) {
    expect(
      codeOf(() => parseProofFile(Buffer.from(bad))),
      JSON.stringify(bad.slice(0, 90)),
    ).toBe('TB1414');
  }
});

test('arbitrary lines are a canonical proof file or TB1414', () => {
  const line = fc.oneof(
    fc.constantFrom('c2sp.org/tlog-proof@v1', 'index 1', 'extra aGk=', inclusionOf1[0] as string, ''),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      const bytes = Buffer.from(`c2sp.org/tlog-proof@v1\n${lines.join('\n')}`);
      try {
        expect(printProofFile(parseProofFile(bytes))).toEqual(bytes);
      } catch (error) {
        expect(error instanceof Fault && error.code).toBe('TB1414');
      }
    }),
    { numRuns: 2_000 },
  );
});
