import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../core/base/clock.ts';
import { writePkcs12 } from '../../../../core/site/commands/write-pkcs12.ts';
import { writeIdentity } from '../../../../core/site/trust/identity-folder.ts';
import { type CliWorld, createCliWorld } from '../../../support/cli-world.ts';
import { Pki } from '../../../support/pki.ts';
import { TemporaryFolder } from '../../../support/temporary-folder.ts';

const folder = new TemporaryFolder();
const identity = folder.file('zhou');
const passphrase = 'harbour lamp violin cedar';
afterAll(() => folder.remove());

beforeAll(async () => {
  const pki = await Pki.create();
  const { material } = await pki.identity('430000', 'auditor/zhou');
  const { chain, privateKey, lists } = material;
  writeIdentity(identity, {
    chain,
    privateKey,
    root: pki.root.certificate,
    lists: lists.map(({ der }) => der),
  });
});

/** The certificate is of today, so the command's clock is too. */
function world(options: Parameters<typeof createCliWorld>[0] = {}): CliWorld {
  const made = createCliWorld(options);
  return { ...made, context: { ...made.context, clock: systemClock } };
}

describe('certs p12', () => {
  test('writes a file for its owner alone, and prints neither passphrase nor key', async () => {
    const { context, type, out, err } = world({ json: true });
    type(`${passphrase}\n`);
    const file = folder.file('zhou.p12');
    await writePkcs12(context, { identity, out: file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file)[0]).toBe(0x30);
    expect(JSON.parse(out())).toEqual({ version: 1, file, label: '430000 auditor zhou' });
    expect(`${out()}${err()}`).not.toContain(passphrase);
  });

  test('asks twice at a terminal, and writes nothing when the two differ', async () => {
    const { context, type } = world({ terminal: true });
    type(`${passphrase}\n${passphrase}s\n`);
    const file = folder.file('differs.p12');
    await expect(writePkcs12(context, { identity, out: file })).rejects.toMatchObject({ code: 'TB1617' });
    expect(existsSync(file)).toBe(false);
  });

  test('takes no passphrase of fewer than 12 characters, and overwrites no file', async () => {
    const short = world();
    short.type('elevenchars\n');
    const file = folder.file('short.p12');
    await expect(writePkcs12(short.context, { identity, out: file })).rejects.toMatchObject({
      code: 'TB1229',
      parameters: { min: 12 },
    });
    expect(existsSync(file)).toBe(false);
    const there = `${identity}/cert.pem`;
    const before = readFileSync(there);
    await expect(writePkcs12(world().context, { identity, out: there })).rejects.toMatchObject({
      code: 'TB1378',
    });
    expect(readFileSync(there)).toEqual(before);
  });
});
