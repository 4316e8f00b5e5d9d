import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexDigits, toHex } from '../../../core/base/bytes.ts';
import { pem, pemBlocks } from '../../../core/base/pem.ts';

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

  it('is read back from bytes: every block of the label, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 4 }), (ders) => {
        const other = pem('CERTIFICATE', Buffer.from('another'));
        const text = Buffer.concat([other, ...ders.flatMap((der) => [pem('PRIVATE KEY', der), other])]);
        const crlf = Buffer.from(text.toString('latin1').replaceAll('\n', '\r\n'));
        for (const form of [text, crlf]) {
          expect(pemBlocks('PRIVATE KEY', form).map(toHex)).toEqual(ders.map(toHex));
          expect(pemBlocks('CERTIFICATE', form)).toHaveLength(ders.length + 1);
        }
      }),
    );
    expect(pemBlocks('PRIVATE KEY', Buffer.from(`-----BEGIN ${'PRIVATE KEY'}-----\nAAAA\n`))).toEqual([]);
  });
});

describe('hex digits in a buffer', () => {
  it('are those of the string', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(hexDigits(bytes).toString('latin1')).toBe(toHex(bytes));
      }),
    );
  });
});
