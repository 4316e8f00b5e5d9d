import { createPrivateKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { printPkcs12 } from '../../certs/pkcs12.ts';
import { pemBlocks } from '../../core/base/pem.ts';
import { openssl, opensslMissing, opensslReason } from '../support/openssl.ts';
import { Pki } from '../support/pki.ts';

/** Nothing is protected by it; the Chinese part is told apart by readers that mistake its encoding. */
const passphrase = 'harbour lamp 词语 violin';
let pki: Pki;
let chain: Uint8Array[];
let privateKey: Uint8Array;
let file: Buffer;

beforeAll(async () => {
  pki = await Pki.create();
  const { material } = await pki.identity('430000', 'auditor/zhou');
  chain = [...material.chain, pki.root.certificate];
  privateKey = material.privateKey;
  file = await printPkcs12({ chain, privateKey, label: '430000 auditor zhou' }, passphrase);
});

describe.skipIf(opensslMissing)(`a PKCS#12 file${opensslReason}`, () => {
  const read = (pass: string, ...more: string[]) =>
    openssl({ 'a.p12': file, pass: `${pass}\n` }, [
      'pkcs12',
      '-in',
      'a.p12',
      '-passin',
      'file:pass',
      ...more,
    ]);

  test('is read by openssl: key, leaf and chain, locked as it says', () => {
    const { status, text } = read(passphrase, '-info', '-nodes');
    expect([status, text]).toEqual([0, expect.stringMatching(/MAC: sha256, Iteration 150000/)]);
    const locks = [...text.matchAll(/PBES2, PBKDF2, AES-256-CBC, Iteration 150000, PRF hmacWithSHA256/g)];
    expect(locks).toHaveLength(2);
    const certificates = [...text.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END/g)];
    expect(certificates.map(([, body = '']) => Buffer.from(body, 'base64'))).toEqual(
      chain.map((der) => Buffer.from(der)),
    );
    const [key = new Uint8Array()] = pemBlocks('PRIVATE KEY', Buffer.from(text));
    const expected = createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' });
    const found = createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' });
    expect(found.equals(expected)).toBe(true);
    expect(text).toContain('friendlyName: 430000 auditor zhou');
    expect(new Set([...text.matchAll(/localKeyID: ([0-9A-F ]+)/g)].map(([, id]) => id)).size).toBe(1);
  });

  test('opens with no other passphrase, and no altered byte passes', () => {
    expect(read('harbour lamp 词语 viola', '-nodes').status).not.toBe(0);
    const whole = file;
    const altered = Buffer.from(whole);
    altered[400] = (altered[400] ?? 0) ^ 1;
    try {
      file = altered;
      expect(read(passphrase, '-nodes').status).not.toBe(0);
    } finally {
      file = whole;
    }
  });
});

test('neither key nor name stand in the file, and a second one of the same key differs', async () => {
  const secret = Buffer.from(privateKey).subarray(-32);
  expect(file.includes(secret)).toBe(false);
  expect(file.includes('hunan.example')).toBe(false);
  const again = await printPkcs12({ chain, privateKey, label: '430000 auditor zhou' }, passphrase);
  expect(again.subarray(-100).equals(file.subarray(-100))).toBe(false);
});

test('the key of the caller is as it was: it is a copy that is wiped', () => {
  expect(Buffer.from(privateKey).some((byte) => byte !== 0)).toBe(true);
  expect(createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' }).type).toBe(
    'private',
  );
});
