import { createServer, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/base/clock.ts';
import {
  channelOptionsFor,
  clientCredentials,
  clientCredentialsForRegistry,
  strangerCredentials,
} from '../../../core/wire/client-credentials.ts';
import { loadService } from '../../../core/wire/load-proto.ts';
import { badCertificates, make } from '../../support/bad-certificates.ts';
import { exchange, MutualServer, pull } from '../../support/mutual-server.ts';
import { Pki, type TestIdentity } from '../../support/pki.ts';

let pki: Pki;
let hub: TestIdentity;
let node: TestIdentity;
let server: MutualServer | undefined;

beforeAll(async () => {
  pki = await Pki.create();
  [hub, node] = await Promise.all([
    pki.identity('430000', 'hub', ['localhost', '127.0.0.1']),
    pki.identity('430121', 'node'),
  ]);
});
afterEach(() => server?.close());

async function outcome(material = node.material, expected = {}) {
  if (!server) throw new Error('no server');
  const client = server.client(pki, material, expected);
  const result = await exchange(pull(client));
  client.close();
  return result;
}

describe('a client', () => {
  it('reaches the expected server by name and by address, without a warning about names', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    server = await MutualServer.start(pki, hub);
    expect(await outcome()).toBe('answered');
    expect(await outcome(node.material, { host: '127.0.0.1' })).toBe('answered');
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  it('refuses a server whose certificate has not the host, although site and role are right', async () => {
    server = await MutualServer.start(pki, await pki.identity('430000', 'hub', ['other.example']));
    expect(await outcome()).toMatchObject({ code: 'TB1346', retry: true });
    server.close();
    server = await MutualServer.start(pki, await pki.identity('430000', 'hub'));
    expect(await outcome()).toMatchObject({ code: 'TB1346' });
    expect(server.handled).toEqual([]);
  });

  it('refuses a server of another site or role, although the host is right', async () => {
    const wrong = [
      pki.identity('430121', 'hub', ['localhost']),
      pki.identity('430000', 'node', ['localhost']),
    ];
    for (const identity of await Promise.all(wrong)) {
      server = await MutualServer.start(pki, identity);
      expect(await outcome()).toMatchObject({ code: 'TB1346' });
      expect(server.handled).toEqual([]);
      server.close();
    }
  });

  it('refuses a server whose certificate the policy refuses', async () => {
    const bad = badCertificates.find(({ name }) => name === 'a name for a node');
    if (!bad) throw new Error('no such certificate');
    const material = await make(pki, pki, {
      ...bad,
      names: [
        { uniformResourceIdentifier: 'spiffe://hunan.example/site/430000/hub/x' },
        { dNSName: 'localhost' },
      ],
    });
    server = await MutualServer.start(pki, { ...hub, material });
    const result = await outcome();
    expect(result).toMatchObject({
      code: 'TB1346',
      parameters: { reason: expect.stringContaining('uri-name') },
    });
  });

  it('tells a server of another authority, an expired one and a revoked one apart', async () => {
    const other = await Pki.create();
    server = await MutualServer.start(other, await other.identity('430000', 'hub', ['localhost']));
    expect(await outcome()).toMatchObject({ code: 'TB1345' });
    server.close();
    const old = await make(pki, pki, { name: 'old', refusal: 'path', from: -8, to: -1 });
    server = await MutualServer.start(pki, { ...hub, material: old });
    expect(await outcome()).toMatchObject({ code: 'TB1344' });
    server.close();
    server = await MutualServer.start(pki, hub);
    await pki.publish([{ serial: hub.serial, revokedMs: systemClock.nowMs() }]);
    expect(await outcome({ ...node.material, lists: pki.lists })).toMatchObject({ code: 'TB1347' });
    await pki.publish([]);
  });

  it('gets nowhere without a certificate', async () => {
    server = await MutualServer.start(pki, hub);
    const expected = { site: '430000', roles: ['hub'] };
    const credentials = strangerCredentials(pki.root.certificate, expected, pki.examine);
    const client = new (loadService('replication', 'Replication'))(
      `localhost:${server.port}`,
      credentials,
      channelOptionsFor('localhost'),
    );
    expect(await exchange(pull(client))).toMatchObject({ code: 'TB1340' });
    expect([server.handled, server.refused]).toEqual([[], []]);
    client.close();
  });

  it('with expired lists reaches the registry only by the way that is for it', async () => {
    server = await MutualServer.start(pki, hub);
    const stale = { ...node.material, lists: pki.lists.map((list) => ({ ...list, nextUpdateMs: 1 })) };
    const expected = { site: '430000', roles: ['hub'] };
    const data = () => clientCredentials(stale, expected, pki.examine, systemClock);
    expect(data).toThrow(expect.objectContaining({ code: 'TB1321' }));
    const registry = clientCredentialsForRegistry(stale, expected, pki.examine);
    const client = new (loadService('replication', 'Replication'))(
      `localhost:${server.port}`,
      registry,
      channelOptionsFor('localhost'),
    );
    expect(await exchange(pull(client))).toBe('answered');
    client.close();
    const wrong = clientCredentialsForRegistry(stale, { ...expected, site: '420000' }, pki.examine);
    const lost = new (loadService('replication', 'Replication'))(
      `localhost:${server.port}`,
      wrong,
      channelOptionsFor('localhost'),
    );
    expect(await exchange(pull(lost))).toMatchObject({ code: 'TB1346' });
    lost.close();
  });

  it('names a closed port, an unknown host and a silent address', async () => {
    const target = async (address: string, deadlineMs = 10_000) => {
      const expected = { site: '430000', roles: ['hub'] };
      const credentials = clientCredentials(node.material, expected, pki.examine, systemClock);
      const client = new (loadService('replication', 'Replication'))(
        address,
        credentials,
        channelOptionsFor(address.split(':')[0] ?? ''),
      );
      const result = await exchange(pull(client, deadlineMs));
      client.close();
      return result;
    };
    const held: Socket[] = [];
    const silent = createServer((socket) => held.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect(await target(`127.0.0.1:${port}`, 300)).toMatchObject({ code: 'TB1341', retry: true });
    for (const socket of held) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
    expect(await target(`127.0.0.1:${port}`)).toMatchObject({ code: 'TB1342', retry: true });
    expect(await target('hub.invalid:7443')).toMatchObject({ code: 'TB1343', retry: true });
  });
});
