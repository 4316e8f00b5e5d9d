import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pem } from '../../../core/base/pem.ts';

describe('PEM', () => {
  it('is base64 in lines of 64 characters, for every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (der) => {
        const lines =
          Buffer.from(der)
            .toString('base64')
            .match(/.{1,64}/g) ?? [];
        const expected = ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n');
        expect(pem('X509 CRL', der).toString('latin1')).toBe(expected);
      }),
    );
  });
});
