import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseToken, printToken, tokenHash } from '../../certs/enrolment-token.ts';

const digit6 = fc.integer({ min: 0, max: 999_999 }).map((n) => String(n).padStart(6, '0'));
const tokens = fc.record({
  host: fc.oneof(
    fc.domain().map((name) => name.toLowerCase()),
    fc.ipV4(),
    fc.constant('2001:db8::7'),
  ),
  port: fc.integer({ min: 1, max: 65_535 }),
  site: digit6,
  hubSite: digit6,
  rootFingerprint: fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => Buffer.from(bytes).toString('hex')),
  token: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
});

describe('an enrolment token', () => {
  it('comes back from its line, also with blanks around it', () => {
    fc.assert(
      fc.property(tokens, (token) => {
        expect(parseToken(` ${printToken(token)}\n`)).toEqual(token);
      }),
    );
  });

  it('with any character changed, doubled or left out is refused', () => {
    fc.assert(
      fc.property(tokens, fc.nat(), fc.constantFrom('a', '0', 'Z', '-', ':', ''), (token, where, other) => {
        const line = printToken(token);
        const at = where % line.length;
        const changed = line.slice(0, at) + other + line.slice(at + 1);
        if (changed === line) return;
        expect(() => parseToken(changed)).toThrow(/TB1311/);
        expect(() => parseToken(line.slice(0, at) + line.charAt(at) + line.slice(at))).toThrow(/TB1311/);
      }),
    );
  });

  it('is refused with typed errors only, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseToken(text)).toThrow(/TB1311/);
      }),
    );
  });

  it('is looked up by a hash that says nothing about it', () => {
    expect(tokenHash(Buffer.alloc(32))).toBe(
      '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925',
    );
  });
});
