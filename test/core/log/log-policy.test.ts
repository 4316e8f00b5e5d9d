import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import { cosignatureVerifier, ed25519Verifier, printVkey, publicKeyOf } from '../../../core/log/keys.ts';
import { parsePolicy, policyOfLog, quorumReached } from '../../../core/log/log-policy.ts';
import { faultOf } from './support.ts';

const log = ed25519Verifier('tongbu.example/430121/enrollment', publicKeyOf(randomBytes(32)));
const names = ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'] as const;
const keys = new Map(
  names.map((name) => [name, cosignatureVerifier(`${name}.example`, publicKeyOf(randomBytes(32)))]),
);
const key = (name: (typeof names)[number]) => keys.get(name) as ReturnType<typeof cosignatureVerifier>;
const witness = (name: (typeof names)[number]) => `witness ${name} ${printVkey(key(name))}`;

/** The example of the specification, in order. */
const example = [
  `log ${printVkey(log)}`,
  '',
  ...['X1', 'X2', 'X3'].map((name) => witness(name as 'X1')),
  'group X-witnesses 2 X1 X2 X3',
  '# a comment',
  ...['Y1', 'Y2', 'Y3'].map((name) => witness(name as 'Y1')),
  'group Y-witnesses any Y1 Y2 Y3',
  'group X-and-Y all X-witnesses Y-witnesses',
  'quorum X-and-Y',
];
const parse = (...lines: string[]) => parsePolicy(Buffer.from(`${lines.join('\n')}\n`));

test('the quorum of the published example wants two of X and one of Y', () => {
  const policy = parse(...example);
  fc.assert(
    fc.property(fc.subarray([...names]), (chosen) => {
      const xs = chosen.filter((name) => name.startsWith('X')).length;
      expect(quorumReached(policy, chosen.map(key))).toBe(xs >= 2 && chosen.length - xs >= 1);
    }),
  );
  expect(policy.logs.map(({ name }) => name)).toEqual([log.name]);
  expect(policy.witnesses).toHaveLength(6);
});

test('a witness counts once, and neither a stranger nor the log counts', () => {
  const policy = parse(...example);
  const stranger = cosignatureVerifier('X2.example', publicKeyOf(randomBytes(32)));
  expect(quorumReached(policy, [key('X1'), key('X1'), key('Y1')])).toBe(false);
  expect(quorumReached(policy, [key('X1'), stranger, log, key('Y1')])).toBe(false);
});

test('quorum none wants no cosignature, a bare key means that, and blanks and URLs do not matter', () => {
  expect(quorumReached(parse('quorum none'), [])).toBe(true);
  expect(quorumReached(policyOfLog(log), [])).toBe(true);
  const policy = parse(
    `\t log   ${printVkey(log)}\thttps://logs.example `,
    `${witness('X1')} https://x1.example`,
    '  # quorum none',
    'quorum X1',
  );
  expect(quorumReached(policy, [])).toBe(false);
  expect(quorumReached(policy, [key('X1')])).toBe(true);
});

test('a policy that is ambiguous or incomplete is refused with the number of its line', () => {
  const other = cosignatureVerifier('again.example', key('X1').publicKey);
  const refused: readonly [line: number, lines: readonly string[]][] = [
    [2, ['']],
    [2, [witness('X1')]],
    [1, ['quorum']],
    [1, ['quorum X1', witness('X1')]],
    [2, ['quorum none', 'quorum none']],
    [1, ['quorum none none']],
    [1, ['Quorum none']],
    [1, ['trust me']],
    [1, [`log ${printVkey(key('X1'))}`]],
    [1, [`log ${printVkey(log)} https://a.example more`]],
    [1, ['log']],
    [1, ['log junk']],
    [2, [`log ${printVkey(log)}`, `log ${printVkey(log)}`]],
    [1, [`witness X1 ${printVkey(log)}`]],
    [1, [`witness none ${printVkey(key('X1'))}`]],
    [2, [witness('X1'), `witness again ${printVkey(other)}`]],
    [2, [witness('X1'), `witness X1 ${printVkey(key('X2'))}`]],
    [1, ['group g any X1', witness('X1')]],
    [2, [witness('X1'), 'group g any']],
    [2, [witness('X1'), 'group g any none']],
    [2, [witness('X1'), 'group g any X1 X1']],
    [2, [witness('X1'), 'group X1 any X1']],
    [2, [witness('X1'), 'group g any g']],
    [3, [witness('X1'), 'group g any X1', 'group h any X1']],
    [2, [witness('X1'), 'group g 0 X1']],
    [2, [witness('X1'), 'group g 2 X1']],
    [2, [witness('X1'), 'group g 01 X1']],
    [2, [witness('X1'), 'group g most X1']],
    [1, ['quorum\u00a0none']],
    [1, ['quorum none\r']],
    [1, ['# \u0007']],
  ];
  for (const [line, lines] of refused) {
    const fault = faultOf(() => parse(...lines));
    expect([fault.code, fault.parameters['line']], lines.join(' | ')).toEqual(['TB1415', line]);
  }
  expect(faultOf(() => parsePolicy(Buffer.from([0xff, 0x0a]))).code).toBe('TB1415');
  expect(faultOf(() => parsePolicy(Buffer.alloc(65_537, '#'))).code).toBe('TB1415');
});

test('names that differ in bytes alone are different names', () => {
  const [composed, decomposed] = ['\u00e9', 'e\u0301'];
  const policy = parse(
    `witness ${composed} ${printVkey(key('X1'))}`,
    `witness ${decomposed} ${printVkey(key('X2'))}`,
    `quorum ${decomposed}`,
  );
  expect(quorumReached(policy, [key('X1')])).toBe(false);
  expect(quorumReached(policy, [key('X2')])).toBe(true);
});

test('arbitrary lines are a policy or TB1415', () => {
  const word = fc.constantFrom(
    'log',
    'witness',
    'group',
    'quorum',
    'none',
    'any',
    'all',
    '2',
    'X1',
    'g',
    '#',
    '\t',
  );
  const line = fc.array(fc.oneof(word, fc.constant(printVkey(key('X1'))), fc.string()), { maxLength: 5 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      try {
        parse(...lines.map((words) => words.join(' ')));
      } catch (error) {
        expect(error instanceof Fault && error.code).toBe('TB1415');
      }
    }),
    { numRuns: 1_000 },
  );
});
