import { beforeAll, expect, it } from 'vitest';
import { recordOf } from '../../certs/certificate-record.ts';
import { createRequest } from '../../certs/certificate-request.ts';
import { describeFile } from '../../certs/describe-file.ts';
import { generateKeyPair } from '../../certs/key-pair.ts';
import { pem } from '../../core/base/pem.ts';
import { Pki } from '../support/pki.ts';

let pki: Pki;
beforeAll(async () => {
  pki = await Pki.create();
});

it('a file of several things is described in order, PEM or DER, and a private key is passed over', async () => {
  const { material, fingerprint } = await pki.identity('430121', 'node', ['node.example', '10.1.2.3']);
  const [leaf = new Uint8Array(), issuing = new Uint8Array()] = material.chain;
  const list = pki.lists[1]?.der ?? new Uint8Array();
  const file = Buffer.concat([
    pem('PRIVATE KEY', material.privateKey),
    pem('CERTIFICATE', leaf),
    pem('CERTIFICATE', issuing),
    pem('X509 CRL', list),
  ]);
  const found = await describeFile(file);
  expect(found.map(({ kind }) => kind)).toEqual(['certificate', 'certificate', 'list']);
  expect(found[0]).toMatchObject({
    uri: 'spiffe://hunan.example/site/430121/node',
    hosts: ['node.example', '10.1.2.3'],
    authority: false,
    fingerprint,
  });
  expect(found[1]).toMatchObject({ authority: true });
  expect(found[2]).toMatchObject({ kind: 'list', revoked: [] });
  expect(await describeFile(leaf)).toEqual([found[0]]);
});

it('a request and its certificate have the same key words', async () => {
  const keys = generateKeyPair();
  const [found] = await describeFile(await createRequest(keys, 'x'));
  expect(found).toMatchObject({ kind: 'request' });
  const other = await describeFile(await createRequest(generateKeyPair(), 'x'));
  expect(other[0]).not.toEqual(found);
});

it.each(['', 'hello', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
  'junk is nothing: %j',
  async (text) => {
    expect(await describeFile(Buffer.from(text))).toEqual([]);
  },
);

it('what an authority remembers of a certificate is what stands in it', async () => {
  const hosts = ['hub.hunan.example', '2001:db8::7', '10.0.0.1'];
  const { material, fingerprint, serial } = await pki.identity('430000', 'hub', hosts);
  const record = recordOf(material.chain[0] ?? new Uint8Array(), 'hunan.example');
  expect(record).toMatchObject({ site: '430000', role: 'hub', name: '', fingerprint, serial });
  expect(record.hosts.map((host) => host.replaceAll(/\b0+(?=[0-9a-f])/g, ''))).toHaveLength(3);
  expect(record.hosts.slice(0, 1)).toEqual(['hub.hunan.example']);
});
