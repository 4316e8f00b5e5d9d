import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { Fault } from '../../../core/base/errors.ts';
import type { Share } from '../../../core/seal/share.ts';
import { printShareFile, readShareFile } from '../../../core/seal/share-file.ts';
import { printShareText } from '../../../core/seal/share-text.ts';
import { folderOf } from './setting.ts';

const share: Share = {
  site: '430121',
  setId: '3f0c'.repeat(8),
  epoch: 4,
  threshold: 2,
  holders: 3,
  holder: 1,
  officer: 'chen',
  manifestHash: 'de'.repeat(32),
  value: new Uint8Array(32).fill(0x11),
};
const passphrase = 'correct horse battery';
const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const age = spawnSync('age', ['--version']).status === 0;

async function codeOf(work: Promise<unknown>): Promise<string> {
  const failure = await work.then(
    () => 'not refused',
    (error: unknown) => error,
  );
  return failure instanceof Fault ? failure.code : String(failure);
}

test('a share file to a recipient opens with the identity and with no other', async () => {
  const file = await printShareFile(share, { recipients: [recipient] });
  expect(file).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
  expect(await readShareFile(Buffer.from(file), { identities: [identity] })).toEqual(share);
  const other = await generateX25519Identity();
  expect(await codeOf(readShareFile(Buffer.from(file), { identities: [other] }))).toBe('TB1224');
  expect(await codeOf(readShareFile(Buffer.from(file), { passphrase }))).toBe('TB1224');
});

test('a share file by passphrase opens with the passphrase and with no other', async () => {
  const file = Buffer.from(await printShareFile(share, { passphrase, workFactor: 10 }));
  expect(await readShareFile(file, { passphrase })).toEqual(share);
  expect(await codeOf(readShareFile(file, { passphrase: `${passphrase}!` }))).toBe('TB1224');
});

test('the work factor is 18 unless a test says otherwise, and a short passphrase is refused', {
  timeout: 120_000,
}, async () => {
  const file = Buffer.from(await printShareFile(share, { passphrase }));
  expect(Buffer.from(armor.decode(file.toString())).toString('latin1')).toMatch(/\n-> scrypt \S+ 18\n/);
  expect(await readShareFile(file, { passphrase })).toEqual(share);
  expect(await codeOf(printShareFile(share, { passphrase: 'too short' }))).toBe('TB1229');
});

test('a file cut, altered or with other content gives no share', async () => {
  const file = await printShareFile(share, { recipients: [recipient] });
  const read = (text: string) => codeOf(readShareFile(Buffer.from(text), { identities: [identity] }));
  expect(await read(file.slice(0, -60))).toBe('TB1224');
  expect(await read('')).toBe('TB1224');
  expect(await read('x'.repeat(70_000))).toBe('TB1224');
  const text = await content(file);
  const sealed = async (candidate: string) => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    return read(armor.encode(await encrypter.encrypt(candidate)));
  };
  expect(await sealed(text)).toBe('not refused');
  expect(await sealed(text.replace('site 430121', 'site 43012'))).toBe('TB1224');
  expect(await sealed(text.replace('holder 1', 'holder 2'))).toBe('TB1224');
  expect(await sealed(text.replace('set 3f', 'set 4f'))).toBe('TB1224');
  expect(await sealed(`${text}more\n`)).toBe('TB1224');
  expect(await sealed(text.replace(/.\n$/, '\n'))).toBe('TB1209');
});

test.skipIf(!age)(
  "Debian's age opens our file, and we open its file (skipped where age is missing)",
  async () => {
    const folder = folderOf();
    const at = (name: string) => join(folder, name);
    fs.writeFileSync(at('key'), `${identity}\n`, { mode: 0o600 });
    fs.writeFileSync(at('chen.share.age'), await printShareFile(share, { recipients: [recipient] }));
    const text = execFileSync('age', ['-d', '-i', at('key'), at('chen.share.age')]).toString();
    expect(text.split('\n')).toEqual([
      'tongbu share v1',
      'site 430121',
      `set ${share.setId}`,
      'epoch 4',
      'threshold 2 of 3',
      'holder 1 chen',
      `manifest sha256:${share.manifestHash}`,
      printShareText(share),
      '',
    ]);
    const file = execFileSync('age', ['-a', '-r', recipient], { input: text });
    expect(await readShareFile(file, { identities: [identity] })).toEqual(share);
  },
);

async function content(file: string): Promise<string> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(armor.decode(file), 'text');
}
